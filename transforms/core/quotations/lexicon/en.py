"""English word lists."""

from __future__ import annotations

from transforms.core.entities.wordlist import words
from transforms.core.quotations.lexicon.forms import all_forms
from transforms.core.quotations.lexicon.lexicon import Lexicon

SAY = words("""
say tell add ask write note report announce suggest argue explain continue acknowledge declare declare state claim
respond reply answer agree insist warn admit reveal recall recount conclude observe remark comment stress emphasize
emphasise underline underscore maintain contend assert allege affirm confirm deny dispute concede testify swear attest
declare proclaim predict forecast promise vow pledge threaten boast brag joke quip laugh chuckle grin smile sigh shrug
nod sob cry shout yell scream exclaim whisper mutter murmur mumble growl snap bark bellow chant sing plead beg implore
urge appeal advise caution counsel remind reiterate repeat echo stipulate specify clarify elaborate interject interrupt
chime counter retort rejoin object protest complain grumble lament bemoan rant rage fume vent wonder muse ponder reflect
tweet retweet post blog text email e-mail message fax telegraph cable inform notify advise brief instruct order
command demand request invite propose recommend submit surmise speculate hypothesize theorize posit intimate imply hint
indicate signal disclose divulge confide confess share relay recite read quote cite paraphrase summarize summarise
describe detail outline list estimate calculate project reckon figure guess assume presume suppose opine editorialize
preach lecture teach joke tease taunt mock scoff sneer jeer deride ridicule chide scold admonish rebuke
find show rule decree hold establish prove demonstrate document record publish print broadcast
remark volunteer venture offer begin start finish end conclude rejoice gush rave enthuse marvel thank congratulate greet
apologize apologise vouch swear assure reassure persuade convince teach hear learn lie rebut refute
pronounce profess hail credit stammer stutter drawl gasp groan moan bawl holler bluster crow gloat pipe
joke jest deadpan crack riff intone sum recap point go put concur accept grant stipulate articulate voice
express convey communicate mention talk speak discuss address respond inquire enquire query question quiz press
pen scrawl scribble inscribe sign caption headline tout trumpet plug
""")

MIND = words("""
believe think know feel hope fear expect doubt realize realise understand consider wish worry suspect sense imagine
remember forget anticipate foresee dream regret concern trust bet judge assess conclude
""")

ASK_TO = words("""
vow promise pledge threaten refuse decline agree offer swear urge ask order tell instruct advise encourage invite beg
implore demand call propose recommend request command warn direct
""")

NAMING = words("""
call describe dub label brand term characterize characterise denounce decry slam blast criticize criticise condemn
praise hail laud attack accuse dismiss deride mock ridicule bill deem portray depict paint compare liken blame lambaste
lambast rip assail chide fault brand tout refer cite invoke urge demand vow promise defend reject question use coin
promote warn bemoan lament advocate credit
""")

WEAK = words("""
go finish start begin hold find put share talk speak discuss mention mean publish print broadcast establish prove
demonstrate teach hear learn lie read describe detail outline calculate project credit smile laugh cry shout sing chant
cut snap sum cap pen pipe express convey communicate grant accept respond greet thank congratulate object venture query
inscribe scrawl tout trumpet consider know feel sense remember forget regret trust bet wish judge pronounce decree show
""")
WEAK_NOUNS = frozenset(
    words("""
state states point points question questions press email emails e-mail e-mails message messages text texts end ends
post posts record records appeal appeals sign signs rule rules call calls order orders report reports view views list
lists figure figures address addresses request requests volunteer volunteers comment comments counter counters offer
offers release releases document documents hail smiles cry laughs caption captions headline headlines plug plugs crack
riff voice voices answer answers protest protests venture quiz doubt doubts note notes
""")
)

NOUNS = frozenset(
    words("""
claim claims statement statements allegation allegations suggestion suggestions assertion assertions argument
arguments belief beliefs view views warning warnings announcement prediction predictions promise promises pledge vow
threat threats complaint complaints admission acknowledgment acknowledgement conclusion contention charge charges
accusation accusations assurance assurances comment comments remark remarks insistence fear fears concern concerns
hope hopes doubt doubts opinion notion idea expectation expectations confidence rumour rumor rumours rumors worry
worries
""")
)

ATTITUDES = frozenset(
    words("""
confident adamant certain sure unsure uncertain hopeful optimistic pessimistic worried concerned afraid fearful scared
convinced unconvinced skeptical sceptical doubtful aware unaware mindful glad happy pleased delighted thrilled proud
grateful thankful relieved sorry sad disappointed upset angry furious frustrated surprised shocked stunned amazed
astonished alarmed embarrassed ashamed clear unclear insistent emphatic explicit positive satisfied eager keen willing
unwilling reluctant ready determined anxious
""")
)

PERSONS = frozenset(
    words("""
man woman boy girl mother father son daughter brother sister wife husband uncle aunt grandmother grandfather
spokesman spokeswoman spokesperson minister premier president senator governor mayor leader lawyer attorney judge
officer chief director executive coach captain player doctor professor teacher student resident neighbour neighbor
owner manager analyst economist critic candidate congressman congresswoman lawmaker councillor councilor
commissioner chairman chairwoman chair secretary official aide adviser advisor farmer driver worker nurse scientist
researcher author writer singer actor actress artist activist organizer organiser founder president prince princess
king queen pope bishop priest pastor rabbi imam general colonel sergeant constable detective inspector sheriff
businessman businesswoman billionaire millionaire mogul nominee frontrunner incumbent surgeon neurosurgeon physicist
senator-elect lawmaker backbencher ambassador diplomat envoy prosecutor historian columnist reporter journalist
filmmaker musician comedian novelist poet engineer pilot soldier politician opponent rival
victim witness suspect tourist tenant landlord customer friend colleague widow widower veteran survivor
""")
)

TITLES = frozenset(
    words("""
mr mr. mrs mrs. ms ms. miss mx mx. dr dr. prof prof. professor sir dame lord lady sen sen. senator rep rep.
representative gov gov. governor president vice prime minister premier mayor secretary judge justice chief general
gen gen. lt lt. lieutenant col col. colonel maj maj. major capt capt. captain sgt sgt. sergeant cpl cpl. corporal
cst cst. const const. constable det det. detective insp insp. inspector supt supt. superintendent commissioner
chairman chairwoman chair director coach pope bishop archbishop cardinal rev rev. reverend father sister brother
rabbi imam pastor prince princess king queen sheriff ambassador congressman congresswoman councillor councilman
councilwoman coun coun. speaker attorney officer pte pte. private spokesman spokeswoman spokesperson hon hon.
""")
)

NOT_SPEECH_AFTER = frozenset(
    words("""
dubbed titled entitled so-called named nicknamed labelled labeled termed codenamed word words phrase term terms slogan
song book film movie album show series programme program magazine novel play musical documentary episode podcast single
motto hashtag nickname
""")
)

ENGLISH = Lexicon(
    language="en",
    say=all_forms(SAY),
    mind=all_forms(MIND),
    ask_to=all_forms(ASK_TO),
    tell=all_forms(words("tell instruct order command remind direct")),
    causing=all_forms(words("lead prompt cause force allow let make push press get leave drive compel inspire"))
    | {"led", "left", "drove", "got", "let"},
    naming=all_forms(NAMING),
    according=(("according", "to"), ("in", "the", "words", "of"), ("in", "the", "view", "of")),
    nouns=NOUNS,
    clausal=all_forms(words("say tell add argue insist claim warn complain boast think believe conclude contend")),
    anybody=frozenset({"you", "one"}),
    attitudes=ATTITUDES,
    plain=frozenset(words("said says say told tells added adds asked wrote explained")),
    asking=all_forms(words("ask wonder question inquire enquire query")),
    questions=frozenset(words("whether if when where why how who what which")),
    collectives=frozenset(
        words("police people staff team crew family council government union company committee board")
    ),
    weak=all_forms(WEAK) | WEAK_NOUNS,
    clause_starts=frozenset(words("that whether if how why what who when where which to he she it they there")),
    conjunctions=frozenset({"that", "whether", "if"}),
    dummies=frozenset({"it", "there", "this", "that", "these", "those", "what", "which", "who"}),
    male=frozenset({"he", "him", "his", "himself"}),
    female=frozenset({"she", "her", "hers", "herself"}),
    nominative=frozenset({"he", "she"}),
    plural=frozenset({"they", "them", "their", "theirs", "themselves"}),
    first_person=frozenset({"i", "we", "me", "us", "my", "our"}),
    titles=TITLES,
    not_speech_after=NOT_SPEECH_AFTER,
    articles=frozenset({"", "the", "a", "an"}),
    ends_noun_phrase=frozenset({"of", "for", "in", "at", "from", "with", "on", "who", "and", "to", "by"}),
    contrasts=frozenset({"while", "but", "although", "though", "and", "whereas"}),
    openers=frozenset(
        words(
            "after although amid among as asked at because before by despite during following for from if in like "
            "of on once since speaking though to under unlike until when while with"
        )
    ),
    joins=frozenset({"and", "&"}),
    phrasal=frozenset((form, "back") for form in all_forms(words("shoot fire hit push strike punch clap")))
    | frozenset((form, "in") for form in all_forms(words("chime weigh jump"))),
    as_words=frozenset({"as"}),
    as_said=all_forms(words("say put note observe report write explain argue point suggest predict warn admit")),
    definite=frozenset({"the", "this", "that"}),
    pointers=frozenset({"here", "these", "see", "also", "follow", "read", "watch", "related", "more"}),
    persons=PERSONS,
)
