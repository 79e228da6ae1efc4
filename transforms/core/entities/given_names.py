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

FURTHER = frozenset(
    words("""
    leyla luz stan dev aino aoife gesa kemi julian ruben alfie pape
    ada adela agatha albin alma alva anselm astor august axel bea bert bianca bram bruna cora cosmo dagmar dora edda
    elin
    ella elsie enid ezra flora freya gerda greta gwen hedda henny hilda ida ilse inga jasper jens joris jorn juno karla
    kasper kira lea lena lotte lou ludwig mabel maren mira mona nell nils oona orson otis paula pilar piet ragnar rita
    rosa runa ruth sigmund sonia stella sven thea tilda tove ulrike vera viggo vilma wanda wim zelda
    abbie abdullah abel achim ade adeel agnieszka ahmad aidan ainsley akira alejandro aleksandar alessandro alex
    alexei alexey alf alfie alfonso alfred alfredo alvaro amal amir amit amos anatoly anders andreas andrei andrej
    andriy andrés ange anil anja anton antonia antónio anwar arjun armando arnaud arne arnold arturo arvind asad
    ashraf asif asim astrid ayesha aziz barack bart bashar beata ben-zion benedict benoît beyoncé bjarne björn bogdan
    boris branko bronwyn bryce bunmi byron caitlin camila carlo carly carmelo casey cedric cesar chad chen chidi chloé
    christophe cian ciara claus cliff clifford clint clive clyde cody conor corey cory cyril césar dalia damian damien
    damon danny daphne daria dario darius dariusz darrell declan delroy demetrius denis denzel dermot desmond devin
    diego dieter dimitri dimitris dina dinesh dirk dmitri dmitry dominik dorota dragan duane edmund edouard eduard
    efrain eirik eleni elias elif elina elisabeth elise eliza elliot elon elsa emanuel emeka emil emilia emiliano
    emilio emmanuel emmanuelle enrique enzo erich ernesto ernst errol eugenio ezra fabian fabio fabrizio faisal farah
    fareed farid fatih fatma federico felipe ferdinand fergus fernanda fidel filip finn fiorella florian floyd fredrik
    frida friedrich gabriela gavriel gene georges georgi gerd gerhard ghislaine giacomo gianni giorgio giulia giuseppe
    goran gordan grzegorz guido guillermo gunnar gunther gustav gustavo günter haider hakan hakeem hakim hamid hamza
    hana hanna hanneke hans harald haris haruki harvey hasan hayden hayley heinrich heinz helga helmut hendrik henrik
    hervé hideo hillel hiroshi horst hubert husain hussein ignacio ilya imran ines ingo ioannis iqbal irina isaiah
    isla ismail istván ivana ivanka ivo jaime jakob jalal jamie jana janina janos jarek jaroslav jarred jasmin javad
    jayne jeb jed jens jenson jerzy jessie jian jillian jin joachim joakim joaquin joaquín jochen jodie johan johann
    johannes jonas joost jordi jorgen josef joss jozef juha jun jörg júlia jürgen kader kamal kamala kamil kanye karel
    karim karine karl-heinz karolina kaspar katarina katharina katja kazuo keegan kei keir keira kemal kenji kerry
    khaled khalid kieran kirsty kjell klaus konrad konstantin kristian kristof kwame kwasi lachlan ladislav lamar lars
    lasse laszlo latisha laurence laurent layla leandro lennart leroy lesley levi liang liliana lin lina lior lisbeth
    lise lorenzo lorna lothar luca luciano ludovic luigi luiz luka lukas lászló magda magdalena magnus mahmoud maisie
    majid malia malik malin mamadou mandy manfred manoj mansour manuel manuela mara marcelo marcin marcos marek
    margaux margot mariana mariano marieke marija marisa marius marko marlon marta mateo mateus mateusz mathias
    matilda matteo matthias mattia mauricio maurizio mauro maximilian maya meera mehmet mei melania melvin merle
    mervyn micaela michał micheál mihai mikael mikhail miklos milan milena milica milo milos min ming miroslav mitsuko
    mitt mohamad mohan moira moises moritz morten moses moshe moussa mustafa myles nabil nadeem nadine naeem najib
    narendra naseem nasser natalya natasja nathaniel navid neha nestor neville newt ngozi nico nicola nicolai nicolás
    nigel nikita nikki niklas nikola nikolai nikolaus nils nir nisha noam noel noelle nour nuno obinna octavio oksana
    ola olaf ole oleg oleksandr olivier omari oprah oren orla orlando osman ossama otis owain padraig paolo parvez
    pascal patrice patrik pavel pavlo pawel payal pekka per percy petar petr petra petros phoebe pia piers pieter
    pietro piotr pradeep prakash pranav priya przemysław quentin rachael radek rafal raffaele rahim rahul raja rajesh
    ralf ramesh rami ramin ramiro rana rania raoul rashid rashida raul ravi raúl rebekah reem reggie regis reinhard
    reza rhiannon rhys riccardo richie robbie robyn rocco roderick rodolfo rodrigo rodrigue rodriguez rogelio rohan
    rolf romain roman romeo rommel ronan ronnie rory rosalind rosario rowan rowena roxana rubén rudolf rudy rupert
    ruslan rustam ryo sadiq saeed said sajid sakura salah saleh salim salma salvador salvatore sami samir sandeep
    sandro sanjay santiago saoirse sascha satoshi saul saúl scarlett selim serena sergi serhiy shaun shauna shazia
    shinzo shirin shreya shruti sigourney sigrid silvia silvio simona simone sinead sinéad siobhan siobhán slobodan
    soren stanislav stavros stefania stefano steffen stelios suleiman suleyman sunil suresh susana suzanna svein sven
    svetlana svitlana søren tadeusz tahir takashi takeshi tamar tamika tanja tarek tariq tatiana tatyana tero tess
    tessa thabo thandi thandiwe theo thierry thijs thorsten tiago tipper tobias todor tomas tomasz tommaso tomás toni
    torsten toshio trent trevoh trish trisha uday ulf ulla ulrich umar umberto urs usman valentin valentina valentino
    valeria vasily vasyl vicente vicky vijay viktor viktoria vince vinod vitaly vito vittorio vladislav vojtech
    volodymyr wafa waheed waleed walid wallace walt wanjiru wei wendell werner wilhelm willem willy winston wojciech
    wolfgang woody xavi xiang yann yannick yasmin yasmine yasser yolande yosef youssef yuki yulia yuri yusuf zac zach
    zack zahra zain zainab zara zbigniew zeinab zeynep zoltan zoltán zooey zoran zuzana zyta álvaro łukasz
    """)
)
"""Given names from many countries whose bearers' gender is not used."""

GIVEN_NAMES = MALE | FEMALE | FURTHER
"""Every given name: evidence that a name is a person's."""
