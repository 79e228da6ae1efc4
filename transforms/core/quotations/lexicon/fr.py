"""French word lists."""

from __future__ import annotations

from transforms.core.entities.wordlist import words
from transforms.core.quotations.lexicon.lexicon import Lexicon
from transforms.core.quotations.lexicon.romance import french_forms

SAY_ER = words("""
déclar affirm expliqu ajout précis soulign not rapport annonc indiqu assur estim lanc demand insist racont confi
rappel avanc argument dénonc critiqu interrog signal répliqu martel regrett murmur balbuti ironis plaisant tweet
commenc termin enchaîn résum témoign regrett alert dévoil révél constat remarqu confirm publi jug plaid réagissant
conseill suggér soupir cri hurl tranch tempêt fulmin indign insurg étonn exclam tonn gliss lâch nuanc abond rétorqu
inquiét alarm désol agac amus félicit fustig pest détaill relativis certifi concéd déplor rassur jur marmonn
expos énonc observ souhait accus questionn insinu résign affich prophétis déclin sign précon inquièt
""")
SAY_IRREGULAR = words("""
dit dire disent disait disaient dirent disant répond répondu répondre répondent répondait répondit répondant
écrit écrire écrivent écrivait écrivit écrivant soutient soutenu soutenir soutiennent soutenait prévient prévenu
prévenir préviennent poursuit poursuivi poursuivre poursuivait poursuivit conclut conclu conclure concluait
reconnaît reconnu reconnaître reconnaissait admet admis admettre admettait promet promis promettre averti avertit
avertir réagi réagit réagir fait sourit souri souriait réjouit réjoui réjouissait renchérit renchéri souvient souvenu
défend défendu répète répété répètent sourire surenchérit lit lire lisait
""")
MIND = words("""
pense pensé pensent pensait croit cru croient croyait espère espéré espèrent espérait craint craignent craignait sait
savait considère considéré considèrent considérait trouve trouvé
""")

FRENCH = Lexicon(
    language="fr",
    say=french_forms(SAY_ER) | frozenset(SAY_IRREGULAR) - {"fait"},
    mind=frozenset(MIND),
    naming=french_forms(words("qualifi trait dénonc critiqu salu évoqu accus")),
    according=(("selon",), ("d'", "après")),
    according_quotes=(("pour",),),
    clitics=frozenset(
        words("a ont avait avaient est sont s' se l' lui leur nous n' -t -t- t ne encore ensuite aussi y en")
    ),
    genitives=frozenset({"de", "du", "des", "d'", "-"}),
    male=frozenset({"il", "lui", "-il", "-t-il"}),
    female=frozenset({"elle", "-elle", "-t-elle"}),
    plural=frozenset({"ils", "elles", "-ils", "-elles", "on", "-on", "-t-on"}),
    first_person=frozenset({"je", "j'", "j’", "nous", "-je", "-nous"}),
    not_speech_after=frozenset(
        words("intitulé intitulée surnommé surnommée baptisé baptisée dit dite film livre chanson")
    ),
    persons=frozenset(
        words("""
ministre président présidente maire député députée avocat avocate directeur directrice porte-parole chef cheffe
professeur professeure médecin mère père
""")
    ),
    articles=frozenset({"", "le", "la", "l'", "l’", "les"}),
    definite=frozenset({"le", "la", "l", "ce", "cette"}),
    ends_noun_phrase=frozenset({"de", "du", "des", "d", "à", "au", "qui", "en", "et"}),
    contrasts=frozenset({"tandis", "alors", "mais", "et"}),
    as_words=frozenset({"comme"}),
    stand_in=("C'", "est", "bien"),
    plain=frozenset(words("dit déclaré déclare expliqué explique ajouté ajoute affirmé affirme assuré assure répondu")),
    has_dialogue=True,
)
