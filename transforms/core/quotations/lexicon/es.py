"""Spanish word lists."""

from __future__ import annotations

from transforms.core.entities.wordlist import words
from transforms.core.quotations.lexicon.lexicon import Lexicon
from transforms.core.quotations.lexicon.romance import spanish_forms

SAY = words("""
declarar afirmar explicar señalar indicar asegurar anunciar comentar contestar preguntar responder insistir subrayar
agregar manifestar expresar apuntar destacar recordar lamentar criticar denunciar advertir admitir recalcar matizar
precisar relatar contar confesar confirmar revelar informar aclarar exclamar gritar murmurar susurrar bromear replicar
resumir concluir prometer opinar argumentar alegar sentenciar remarcar tuitear publicar escribir negar añadir
""")
IRREGULAR = words("""
dijo dijeron dice dicen decía decían dicho diciendo decir sostuvo sostiene sostienen sostenía sostenido escrito
advierte advirtió cuenta cuentan recuerda recuerdan añade añadió añaden niega niegan concluyó concluye reconoció
confiesa confiesan sonríe sonrió ríe rió prosigue prosiguió continúa continuó sugiere sugirió
zanja insiste promete prometió prometen responde repite repitió repiten espeta
espetó reitera reiteró reiterado ironiza ironizó puntualiza puntualizó puntualizado ruega rogó exige exigió
exigen asevera reivindica reivindicó celebra celebró admite admitió admiten advierten garantiza garantizó augura
auguró asiente asintió interviene intervino suspira suspiró clama clamó sentenció
reconoce reconocen reconocido pidió pide piden pedido mantuvo mantiene zanjó expuso expone propuso propone aseveró
""")

SPANISH = Lexicon(
    language="es",
    say=spanish_forms(SAY) | frozenset(IRREGULAR),
    mind=frozenset(
        words("cree creen creyó creía piensa piensan pensaba considera consideró consideran espera esperan teme temen")
    ),
    naming=spanish_forms(words("calificar tachar acusar criticar denunciar llamar describir")),
    according=(("según",), ("de", "acuerdo", "con"), ("a", "juicio", "de"), ("en", "palabras", "de")),
    according_quotes=(("para",),),
    clitics=frozenset(words("ha han había habían se le les me nos lo la también luego")),
    genitives=frozenset({"de", "del", "-"}),
    male=frozenset({"él"}),
    female=frozenset({"ella"}),
    plural=frozenset({"ellos", "ellas"}),
    first_person=frozenset({"yo", "nosotros", "nosotras"}),
    not_speech_after=frozenset(words("titulado titulada llamado llamada apodado apodada película libro canción")),
    persons=frozenset(
        words("""
ministro ministra presidente presidenta alcalde alcaldesa diputado diputada abogado abogada director directora portavoz
jefe jefa profesor profesora médico médica madre padre
""")
    ),
    articles=frozenset({"", "el", "la", "los", "las"}),
    definite=frozenset({"el", "la", "este", "esta"}),
    ends_noun_phrase=frozenset({"de", "del", "en", "a", "al", "que", "y", "con", "para"}),
    contrasts=frozenset({"mientras", "pero", "y"}),
    as_words=frozenset({"como"}),
    stand_in=("Esto", "es", "bueno"),
    plain=frozenset(words("dijo dice dicho declaró explicó añadió afirmó aseguró respondió señaló")),
    has_dialogue=True,
)
