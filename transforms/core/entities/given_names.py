"""Common given names by the gender of most who bear them: evidence for pronouns, never proof."""

from __future__ import annotations

from transforms.core.entities.wordlist import words

MALE = frozenset(
    words("""
    aaron abdul adam adrian ahmed alan albert alexander ali allan allen andre andrew andy angus anthony antoine antonio
    arthur austin barry ben benjamin bernard bernie bill bob bobby brad bradley brandon brendan brent brian bruce bryan
    calvin carl carlos cameron charles charlie chris christian christopher clark claude colin connor craig curtis dale
    dan daniel darren darryl dave david dean dennis derek derrick dominic don donald doug douglas drew duncan dustin
    dwight dylan earl ed eddie edgar eduardo edward edwin elliott eli eric erik ernest ethan eugene evan fernando felix
    francisco francois françois frank franklin fred frederick gabriel gareth gary gavin geoff geoffrey george gerald
    gerard gilles giovanni glen glenn gordon graham grant greg gregory guillaume gus guy harold harry hassan hector
    henri henry herbert howard hugh hugo ian ibrahim igor isaac ivan jack jacob jacques jake jamal james jared jason
    javier jay jean-claude jean-françois jean-pierre jeff jeffrey jeremy jerome jerry jim jimmy joe joel joey john
    johnny jon jonathan jorge jose josé joseph josh joshua juan julian julien justin karl keith ken kenneth kevin kirk
    kurt kyle lance larry lawrence lee leo leon leonard leonardo lewis liam lloyd logan lorne louis luc lucas luis luke
    malcolm marc marcel marco marcus mario mark marshall martin marvin mathieu matt matthew maurice max maxime michael
    michel miguel mike mitch mitchell mohamed mohammad mohammed muhammad murray nathan neil nelson nicholas nick nicolas
    noah norman oliver omar oscar otto owen pablo patrick paul pedro perry pete peter phil philip philippe phillip
    pierre rafael ralph ramon randall randy raphael ray raymond reginald rene rené ricardo richard rick ricky rob robert
    roberto rod rodney roger roland ron ronald ross roy ruben russell ryan salman sam samuel scott sean sebastian serge
    sergei sergey sergio seth shane shawn simon spencer stanley stefan stephan stéphane stephen steve steven stewart
    stuart ted terrence terry theodore thomas tim timothy todd tom tommy tony travis trevor troy tyler vernon victor
    vincent vladimir wade wally walter warren wayne wesley will william willie wilfred xavier yves zachary
    """)
)

FEMALE = frozenset(
    words("""
    abigail adele agnes aisha alexandra alexis alice alicia alison allison alyssa amanda amber amelia amina amy ana
    andrea angela angelina anita ann anna anne annette annie april ashley audrey barbara beatrice becky bella bernadette
    beth bethany betty beverly bonnie brenda bridget brigitte brittany camille candace carla carmen carol carole
    caroline carolyn cassandra catherine cathy cecilia celine céline chantal charlene charlotte chelsea cheryl chloe
    christiane christina christine chrystia cindy claire clara claudia colleen connie corinne courtney cristina crystal
    cynthia daisy dana danielle danièle dawn deanna debbie deborah debra deirdre delia denise diana diane dolores
    dominique donna dora doreen doris dorothy edith eileen elaine eleanor elena elizabeth ella ellen eloise elsie emily
    emma erica erika erin esther eva evelyn faith fatima felicia fiona florence frances françoise freda gail geneviève
    georgia geraldine gertrude gina ginette gladys glenda gloria grace greta gwen hailey hannah harriet hazel heather
    heidi helen helena hilary hillary holly ida ilona ingrid irene iris isabel isabella isabelle ivy jackie jacqueline
    jane janet janice janine jasmine jean jeanette jeanne jenna jennifer jenny jessica jill joan joanna joanne jocelyn
    jodi johanna josephine josée joy joyce juanita judith judy julia juliana julie juliet june karen karin karla kate
    katherine kathleen kathryn kathy katie katrina kay kayla kelly kelsey kendra kim kimberly kirsten kristen kristin
    kristina krystal latoya laura lauren laurie leah leila lena leslie leticia lila lillian lily linda lindsay lindsey
    lisa lois loretta lori lorraine louise lucia lucie lucille lucy lydia lynn lynne mabel madeleine maggie manon marcia
    margaret margarita maria marian marianne marie marie-claude marilyn marina marjorie marlene marsha martha martine
    mary maryam maureen maxine megan meghan melanie melinda melissa melody meredith mercedes mia michaela michele
    michelle mildred miranda miriam molly monica monique muriel myra nadia nancy naomi natalia natalie natasha nathalie
    nicole nina nora norma olga olivia pamela patricia patty paula pauline pearl peggy penelope penny phyllis polly
    priscilla rachel ramona rebecca regina renata renée rhonda rita roberta robin rosa rosalie rose rosemary roxanne
    ruby ruth sabrina sally samantha sandra sara sarah selena shannon sharon sheila shelley shelly sherry shirley sheri
    sofia sonia sonja sophia sophie stacey stacy stella stephanie sue susan susanna suzanne sylvia sylvie tamara tammy
    tanya tara teresa theresa tiffany tina tonya tracey tracy ursula valerie valérie vanessa vera veronica vicki
    victoria     viola violet virginia vivian wanda wendy whitney wilma winnie yolanda yvette yvonne zoe
    """)
)
