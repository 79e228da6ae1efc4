"""Languages of short news texts, and fingerprints of texts."""

from __future__ import annotations

import pytest

from transforms.core.language import detect
from transforms.core.simhash import distance, simhash64

TEXTS = {
    "en": "The council has approved a plan to rebuild the east pier, ending a dispute that lasted nine years.",
    "de": "Der Stadtrat hat am Freitag mit knapper Mehrheit für den Radweg entlang der Bahnstrecke gestimmt.",
    "fr": "Le toit de la gare, endommagé par la tempête de janvier, a été entièrement remplacé par la région.",
    "es": "La doctora cuelga la bata el viernes después de treinta y un años, y nadie ocupará su plaza.",
    "pt": "A praia reabriu nesta quinta-feira depois de uma limpeza que durou duas semanas, disse a prefeitura.",
    "sv": "På lördag kväll tänds lampan i fyren för första gången på åtta år, säger föreningen bakom renoveringen.",
    "pl": "Prezydent miasta otworzył w poniedziałek nowy most, na który mieszkańcy czekali siedem lat.",
    "ru": "Мост через реку закроют для автомобилей с первого марта, сообщили во вторник в администрации.",
    "ja": "湖の水位が一日、平年より一メートル低くなり、十年ぶりの低さを記録したと県が発表した。",
    "zh": "停运两年的老城区有轨电车十四日恢复运行，首班车早上六点从火车站发出，市民争相乘坐。",
    "ko": "시립 도서관이 강변에 새로 문을 열었다. 건물은 오 층이며 책 사십만 권을 갖췄다고 시가 밝혔다.",
    "ar": "افتتح وزير النقل يوم الأحد ميناءً جديدًا للصيادين في المدينة بعد عامين من العمل المتواصل.",
    "hi": "पहाड़ी गाँव में रविवार को पहली बार रेल पहुँची, और सैकड़ों लोग स्टेशन पर जमा हुए।",
}


@pytest.mark.parametrize("language", TEXTS)
def test_language(language: str) -> None:
    found = detect(TEXTS[language])
    assert found is not None
    assert found.language == language
    assert 0.5 < found.confidence <= 1.0
    assert found.detector.startswith("py3langid ")


@pytest.mark.parametrize("text", ["", "   ", "42", "Ok.", "12:30 | 14:45 | 16:00 | 18:15 | 20:30 | 22:45"])
def test_too_little_to_tell(text: str) -> None:
    assert detect(text) is None


def test_same_text_same_answer_in_any_order() -> None:
    forth = [detect(text) for text in TEXTS.values()]
    back = [detect(text) for text in reversed(TEXTS.values())]
    assert forth == back[::-1]


def test_fingerprint_is_pinned() -> None:
    assert simhash64(TEXTS["en"]) == -3323710673213769534
    assert simhash64("") == 0


def test_fingerprint_fits_a_long() -> None:
    values = [simhash64(text) for text in TEXTS.values()]
    assert all(-(2**63) <= value < 2**63 for value in values)
    assert any(value < 0 for value in values)
    assert len(set(values)) == len(values)


def test_small_edits_stay_near_and_other_texts_far() -> None:
    story = " ".join(f"The witness of day {day} said that the tide came at hour {day * 7 % 24}." for day in range(60))
    edited = story.replace("day 30 said", "day 30 swore")
    assert distance(simhash64(story), simhash64(edited)) <= 3
    assert distance(simhash64(TEXTS["en"]), simhash64(TEXTS["de"])) > 15


def test_scripts_without_spaces_have_words_too() -> None:
    one, other = TEXTS["ja"] * 3, TEXTS["ja"] * 3 + "追記。"
    assert distance(simhash64(one), simhash64(other)) < 20


def test_a_story_is_known_by_more_than_how_it_opens() -> None:
    notice = "This story is free to read for our subscribers until the end of the week, thank you for your support. "
    story = "Die Fähre war am Montag eine Stunde zu spät, und vierzig Menschen warteten am Kai auf den Hafenmeister. "
    found = detect(notice * 20 + "\n" + story * 60)
    assert found is not None
    assert found.language == "de"
