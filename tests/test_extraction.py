"""The parts of extraction, one rule at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from transforms.core.extraction import jsonld, markup
from transforms.core.extraction.agencies import agency_of, is_agency
from transforms.core.extraction.calendar_words import printed_moment
from transforms.core.extraction.choice import Candidate, first
from transforms.core.extraction.dateline import dateline_of
from transforms.core.extraction.dom.cuts import cut_embeds
from transforms.core.extraction.dom.parse import parse
from transforms.core.extraction.dom.walk import walk
from transforms.core.extraction.embeds import provider_of_url
from transforms.core.extraction.evidence import Evidence
from transforms.core.extraction.labels import Label, labels_of
from transforms.core.extraction.media import split_credit
from transforms.core.extraction.moments import assume_zone, read_moment
from transforms.core.extraction.notices import kind_of
from transforms.core.extraction.people import distinct, is_signature, is_uncased_name, looks_like_person, names_in
from transforms.core.extraction.phrases import furniture
from transforms.core.extraction.prose import closes_sentence, is_prose, letters
from transforms.core.extraction.scripts import script_body
from transforms.core.extraction.wide import is_odd, read_body


class TestMoments:
    @pytest.mark.parametrize(
        ("raw", "at", "precision"),
        [
            ("2031-04-27T07:39:05+02:00", "2031-04-27T05:39:05+00:00", "second"),
            ("2031-04-27T07:39+0200", "2031-04-27T05:39:00+00:00", "minute"),
            ("2031-04-27T07:39:05.123Z", "2031-04-27T07:39:05+00:00", "second"),
            ("2031-04-27 07:39:05", "2031-04-27T07:39:05+00:00", "second"),
            ("2031-04-27", "2031-04-27T00:00:00+00:00", "day"),
            ("20310427", "2031-04-27T00:00:00+00:00", "day"),
            ("2031-04-27T00:00:00+02:00", "2031-04-27T00:00:00+00:00", "day"),
            ("Sun, 27 Apr 2031 07:39:05 +0200", "2031-04-27T05:39:05+00:00", "second"),
            ("1934955545", "2031-04-26T07:39:05+00:00", "second"),
            ("1934955545000", "2031-04-26T07:39:05+00:00", "second"),
            ("27.04.2031, 07:39 Uhr", "2031-04-27T07:39:00+00:00", "minute"),
            ("April 27, 2031 7:39 pm", "2031-04-27T19:39:00+00:00", "minute"),
            ("12:05 a.m., 27 April 2031", "2031-04-27T00:00:00+00:00", "day"),
            ("2031-04-27 07:39 PM", "2031-04-27T19:39:00+00:00", "minute"),
            ("Sun Apr 27 2031 07:39:05 GMT+0200 (CEST)", "2031-04-27T05:39:05+00:00", "second"),
            ("Sun Apr 27 07:39:05 EST 2031", "2031-04-27T12:39:05+00:00", "second"),
            ("27 Apr 2031 12:05 AM", "2031-04-27T00:05:00+00:00", "minute"),
        ],
    )
    def test_read(self, raw: str, at: str, precision: str) -> None:
        moment = read_moment(raw)
        assert moment is not None
        assert (moment.at.isoformat(), moment.precision) == (at, precision)

    @pytest.mark.parametrize(
        "raw", ["", "yesterday", "27/04/2031", "2031-13-01", "2031-02-30", "9999-12-31T23:59:59-12:00", "x" * 5000]
    )
    def test_not_a_time(self, raw: str) -> None:
        assert read_moment(raw) is None

    @pytest.mark.parametrize(
        ("line", "language", "at"),
        [
            ("Publié le 14 juillet 2031 à 08h20", "fr", "2031-07-14T08:20:00+00:00"),
            ("2031年1月14日 01時28分", "ja", "2031-01-14T01:28:00+00:00"),
            ("2031년 5월 20일", "ko", "2031-05-20T00:00:00+00:00"),
            ("14 de marzo de 2031", "es", "2031-03-14T00:00:00+00:00"),
            ("5. července 2031", "cs", "2031-07-05T00:00:00+00:00"),
            ("5. června 2031", "cs", "2031-06-05T00:00:00+00:00"),
            ("4 марта 2031, 12:15", "ru", "2031-03-04T12:15:00+00:00"),
            ("18 tháng 2, 2031", "vi", "2031-02-18T00:00:00+00:00"),
            ("04/03/2031", "es", "2031-03-04T00:00:00+00:00"),
            ("04/03/2031", "en-US", "2031-04-03T00:00:00+00:00"),
            ("25/03/2031", "en", "2031-03-25T00:00:00+00:00"),
            ("04/03/2031", "en", None),
            ("March 4, 2031 7:39 pm", "en", "2031-03-04T19:39:00+00:00"),
            ("Updated 3 hours ago", "en", None),
        ],
    )
    def test_printed(self, line: str, language: str, at: str | None) -> None:
        moment = printed_moment(line, language)
        assert (moment.at.isoformat() if moment else None) == at

    def test_zone_of_the_pages_other_times(self) -> None:
        naive, zoned = read_moment("2031-04-27 07:39:05"), read_moment("2031-04-27T09:00:00+02:00")
        assert naive is not None
        assert zoned is not None
        assumed = assume_zone(naive, [zoned], ["2031-04-27T09:00:00+02:00"])
        assert (assumed.at, assumed.has_zone) == (datetime(2031, 4, 27, 5, 39, 5, tzinfo=UTC), True)
        assert assume_zone(zoned, [naive], []) == zoned
        assert assume_zone(naive, [], []).at - naive.at == timedelta(0)


class TestPeople:
    @pytest.mark.parametrize(
        ("raw", "names"),
        [
            ("By Dana Whitlock", ["Dana Whitlock"]),
            ("Von Birte Clausen und Jörg Amann, Lübheim", ["Birte Clausen", "Jörg Amann", "Lübheim"]),
            ("Ursula von der Mühlen", ["Ursula von der Mühlen"]),
            ("Von Ursula von der Mühlen", ["Ursula von der Mühlen"]),
            ("Par Élodie Marchetti et Yann Le Goff", ["Élodie Marchetti", "Yann Le Goff"]),
            ("José Ortega y Gasset", ["José Ortega y Gasset"]),
            ("JANE MBEKI", ["Jane Mbeki"]),
            ("anil-roy", ["Anil Roy"]),
            ("Anil Roy, Economics Correspondent", ["Anil Roy"]),
            ("J. R. Oduya (in Basel)", ["J. R. Oduya"]),
            ("Whitlock, Dana", ["Dana Whitlock"]),
            ("김하늘 기자", ["김하늘"]),
            ("Автор: Игорь Лапшин", ["Игорь Лапшин"]),
            ("dana@paper.example", []),
            ("https://paper.example/author/dana", []),
            ("admin", []),
            ("Dana Whitlock and Reuters", ["Dana Whitlock", "Reuters"]),
            ("Dana Whitlock | 12:30", ["Dana Whitlock"]),
            ("Text: Karin Ödlund Foto: Sven Hägg", ["Karin Ödlund"]),
            ("dpa, Lille", ["dpa", "Lille"]),
            ("Par Yann Le Goff Publié le", ["Yann Le Goff"]),
            ("By Dana Whitlock Updated 4 March 2031", ["Dana Whitlock"]),
            ("كتب: ليلى المنصوري", ["ليلى المنصوري"]),
            ("記者林怡君／台南報導", ["林怡君"]),
            ("oprac. Agnieszka Wrona", ["Agnieszka Wrona"]),
            ("Γράφει η Ελένη Καρά", ["Ελένη Καρά"]),
            ("Greta Holm | 9 February", ["Greta Holm"]),
            ("20 Minutes", ["20 Minutes"]),
            ("Chus del Pino, Martí Abad (Enviado especial)", ["Chus del Pino", "Martí Abad"]),
        ],
    )
    def test_names(self, raw: str, names: list[str]) -> None:
        assert names_in(raw) == names

    def test_spellings_of_one_name_count_once(self) -> None:
        assert distinct(["jörg amann", "Jörg Amann", "JOERG AMANN", "Jorg-Amann"]) == ["Jörg Amann", "JOERG AMANN"]

    def test_signatures(self) -> None:
        assert is_signature("Trần Minh")
        assert is_signature("Mara Olsen/Piet Visser")
        assert not looks_like_person("The pier of Tolmere")
        assert not is_signature("What the council decided")
        assert not is_signature("Reuters")
        assert is_agency("AFP")
        assert agency_of("the Associated Press") == "AP"
        assert looks_like_person("Chus del Pino")
        assert is_uncased_name("अंजलि वर्मा")
        assert not is_uncased_name("Latest News")


class TestJsonLd:
    @pytest.mark.parametrize(
        "block",
        [
            '{"@type":"NewsArticle","headline":"A"}',
            '[{"@type":"NewsArticle","headline":"A"}]',
            '{"@graph":[{"@type":"WebPage"},{"@type":["Thing","NewsArticle"],"headline":"A"}]}',
            '<!-- {"@type":"NewsArticle","headline":"A"} -->',
            '//<![CDATA[\n{"@type":"NewsArticle","headline":"A"}\n//]]>',
            '{"@type":"NewsArticle","headline":"A",}',
            '{"@type":"NewsArticle","headline":"A","x":"it\\\'s"};',
            '{"@type":"NewsArticle","headline":"A","x":"line\nbreak\tand tab"}',
            '{"@type":"WebSite"} {"@type":"NewsArticle","headline":"A"}',
            '{"@type":"http://schema.org/NewsArticle","headline":"A"}',
            '{"@type":"NewsArticle","headline":"A", "description":"he said "no" twice", "datePublished":"2031-01-01"}',
        ],
    )
    def test_shapes(self, block: str) -> None:
        found, _ = jsonld.read([block])
        assert "A" in [one.node.get("headline") for one in found]

    @pytest.mark.parametrize(
        "block", ["", "null", "[" * 100_000, '{"a":' * 50_000, '{"headline":"' + "\\" * 9999, "{{{"]
    )
    def test_junk_is_no_error(self, block: str) -> None:
        found, _ = jsonld.read([block])
        assert all(not one.node.get("headline") for one in found)

    def test_commas_in_strings_stay(self) -> None:
        found, is_sound = jsonld.read(['{"@type":"Article","headline":"a,] b,} c",}'])
        assert found[0].node["headline"] == "a,] b,} c"
        assert not is_sound


class TestMarkup:
    def test_scripts_go_and_data_stays(self) -> None:
        reduced = markup.reduce(
            "<p>a</p><script>var x = '<p>no</p>'</script><STYLE>p{}</STYLE><!-- <p>no</p> --><svg><p>no</p></svg>"
            '<script type="application/ld+json">{"a":1}</script><p>b</p>'
        )
        assert reduced.html == "<p>a</p><p>b</p>"
        assert reduced.json_ld == ('{"a":1}',)
        assert reduced.scripts == ("var x = '<p>no</p>'",)

    @pytest.mark.parametrize(
        "html", ["<script>" * 9999 + "<p>x</p>", "<!--" * 9999, "<svg" * 9999, "\x00<p>x\ud800</p>"]
    )
    def test_unclosed_is_no_error(self, html: str) -> None:
        assert isinstance(markup.reduce(html).html, str)

    def test_limits(self) -> None:
        assert markup.excess("<p>" * (markup.MAX_TAGS + 1)) is not None
        assert markup.excess("<p " + " ".join(f"a{n}" for n in range(5000)) + ">") is not None
        assert markup.excess(f'<img src="data:{"A " * 9000}">') is None


class TestWalk:
    def blocks(self, html: str) -> list[str]:
        return [block.text for block in walk(parse(f"<html><body>{html}</body></html>")).outline.blocks]

    def test_blocks_and_loose_text(self) -> None:
        assert self.blocks("<div>a <b>b</b><p>c</p>d</div><ul><li>e</li></ul>") == ["a b", "c", "d", "e"]

    def test_breaks(self) -> None:
        long = "A sentence that is long enough to be a paragraph of its own, and that ends here, as it should."
        assert self.blocks(f"<p>{long}<br>next</p>") == [long, "next"]
        assert self.blocks("<p>a<br>b<br><br>c</p>") == ["a b", "c"]

    def test_rows_of_data_and_of_layout(self) -> None:
        assert self.blocks("<table><tr><td>a</td><td>1</td></tr></table>") == ["a | 1"]
        assert self.blocks("<table><tr><td>a</td><td><p>b</p></td></tr></table>") == ["a", "b"]

    def test_words_are_tidied(self) -> None:
        assert self.blocks("<p>Re\u00adgio\u200bnal&nbsp;  cafe\u0301</p>") == ["Regional café"]

    def test_hidden_words_and_dropped_parts(self) -> None:
        html = '<p>a<span class="sr-only"> opens a window</span></p><nav>n</nav><button>b</button><footer>f</footer>'
        assert self.blocks(html) == ["a"]

    def test_embeds_leave_marks(self) -> None:
        tree = parse('<html><body><p>a</p><iframe src="//youtu.be/x"></iframe>tail<p>b</p></body></html>')
        embeds = cut_embeds(tree)
        outline = walk(tree).outline
        assert [(embed.kind, embed.provider, embed.url) for embed in embeds] == [
            ("video", "youtube", "https://youtu.be/x")
        ]
        assert [(mark.after, mark.number) for mark in outline.marks] == [(1, 0)]
        assert [block.text for block in outline.blocks] == ["a", "tail", "b"]


class TestWords:
    @pytest.mark.parametrize(
        ("line", "kind"),
        [
            ("Read more: Why it matters", "read_more"),
            ("Lesen Sie auch: Wo es fehlt", "read_more"),
            ("Les også: Storm på vei", "read_more"),
            ("Lee también", "read_more"),
            ("À lire aussi : Le calvaire des usagers", "read_more"),
            ("Читайте также: Где пройдёт объезд", "read_more"),
            ("関連記事", "read_more"),
            ("Advertisement", "advertisement"),
            ("Story continues below advertisement", "advertisement"),
            ("Anzeige", "advertisement"),
            ("Sign up for our newsletter", "newsletter"),
            ("Photo: Jon Brekke", "credit"),
            ("© 2031 Tolmere Post", "credit"),
            ("Already a subscriber? Log in", "subscription"),
            ("Share this article", "promo"),
            ("Read the room, her adviser told the minister before the debate began.", None),
            ("Video games are the largest branch of the country's culture by sales.", None),
            ("Related costs rose by four per cent, the ministry said.", None),
            ("Related stories", "read_more"),
            ("MORE : Why the ferry was late", "read_more"),
            ("WATCH | The moment the dam opened", "promo"),
            ("Dieses Thema im Programm: Radio am Morgen, 28. April", "promo"),
            ("Sendung um Sendung wurde gestrichen, bis nichts mehr blieb.", None),
            ("More: that is what they want, and they want it now.", "read_more"),
            ("More than a hundred boats lay in the bay.", None),
            ("Źródło: PAP", "credit"),
            ("tl/dpa", "credit"),
            ("(dpa/cp)", "credit"),
            ("Kövessen minket a Facebookon is!", "newsletter"),
            ("The AP and the dpa reported the same.", None),
            ("無料で食事を提供", None),
            ("WATCH: The moment the dam opened", "promo"),
            ("The newsletter was sent to two million people by mistake.", None),
            ("Además, el ministro anunció nuevas medidas.", None),
        ],
    )
    def test_furniture(self, line: str, kind: str | None) -> None:
        assert furniture(line) == kind

    def test_prose(self) -> None:
        assert is_prose("市交通局局长周立民说：“线路虽短，却连着几代人的记忆。”")
        assert not is_prose("Five short words of text")
        assert closes_sentence("“We are relieved.”")
        assert not closes_sentence("Photo credit")
        assert letters("Ab-C 1!") == "abc1"

    def test_labels(self) -> None:
        assert Label.RELATED in labels_of("relatedArticles box_1")
        assert Label.CAPTION in labels_of("wp-caption-text")
        assert Label.BYLINE not in labels_of("authority")
        assert labels_of("") == frozenset()

    @pytest.mark.parametrize(
        ("text", "place"),
        [
            ("NORRHAVEN (Reuters) - A court on Monday", "NORRHAVEN"),
            ("DUBLIN — She has won", "DUBLIN"),
            ("PORT ESK, Jan 3 (AFP) - The mayor", "PORT ESK"),
            ("Berlin (dpa) - Der Bundestag", "Berlin"),
            ("The court on Monday - a holiday - ruled", None),
            ("Mara Olsen (LCG) said on Monday", None),
            ("", None),
        ],
    )
    def test_dateline(self, text: str, place: str | None) -> None:
        assert dateline_of(text) == place

    @pytest.mark.parametrize(
        ("caption", "parts"),
        [
            ("The pier at low tide. Photo: Jon Brekke", ("The pier at low tide.", "Jon Brekke")),
            ("The pier (Foto: Jon Brekke)", ("The pier", "Jon Brekke")),
            ("The pier. © Jon Brekke", ("The pier.", "Jon Brekke")),
            ("The pier. Jon Brekke/Getty Images", ("The pier.", "Jon Brekke/Getty Images")),
            ("The pier at low tide", ("The pier at low tide", None)),
            ("Photo: Jon Brekke", (None, "Jon Brekke")),
        ],
    )
    def test_credit(self, caption: str, parts: tuple[str | None, str | None]) -> None:
        assert split_credit(caption) == parts

    @pytest.mark.parametrize(
        ("line", "kind"),
        [
            ("Correction: the name was misspelt.", "correction"),
            ("An earlier version of this story gave the wrong age.", "correction"),
            ("Editor's note: This story discusses suicide.", "editor_note"),
            ("Anm. d. Red.: Der Name ist geändert.", "editor_note"),
            ("Update (12:30): The minister has resigned.", "update"),
            ("Corrections officers went on strike.", None),
            ("Updates to the law are planned.", None),
        ],
    )
    def test_notices(self, line: str, kind: str | None) -> None:
        assert kind_of(line) == kind

    @pytest.mark.parametrize(
        ("url", "known"),
        [
            ("https://www.youtube.com/embed/x", ("video", "youtube")),
            ("https://open.spotify.com/embed/x", ("audio", "spotify")),
            ("https://mobile.x.com/a/status/1", ("social", "x")),
            ("https://notx.com/a", ("iframe", None)),
            ("https://[bad", ("iframe", None)),
        ],
    )
    def test_providers(self, url: str, known: tuple[str, str | None]) -> None:
        assert provider_of_url(url) == known


def test_evidence_compares_letters_at_both_ends() -> None:
    story = "The council met on Tuesday and decided to repair the bridge before winter sets in, the mayor said. " * 2
    evidence = Evidence(story.upper())
    assert evidence.share("The council — met on Tuesday!") == 1.0
    assert evidence.share("The council met on Friday") == 0.0
    assert (
        evidence.share(story[:99] + " " + "and then something else happened that nobody had expected at all" * 2) == 0.5
    )
    assert evidence.share("…") == 0.0


def test_first_candidate_wins_and_others_are_kept() -> None:
    choice = first(
        "headline", [Candidate("json-ld", "A", "a"), Candidate("meta", " a", "a"), Candidate("html", "B", "b")]
    )
    assert choice.value == "a"
    assert choice.provenance is not None
    assert (choice.provenance.source, choice.provenance.alternatives) == ("json-ld", ("html=B",))
    assert first("headline", []).value is None


def test_script_bodies() -> None:
    text = "The ferry sails again on Monday, the operator said, after repairs that took most of the winter months."
    assert script_body(
        [f'window.a=1;window.__STATE__={{"s":[{{"t":"{text}"}},{{"t":"{text[::-1]}."}},{{"t":"{text} Really."}}]}};']
    )
    assert script_body(["var a = {b: 1};" * 100]) == ""
    assert script_body([]) == ""


def test_trafilatura_is_spared_odd_trees() -> None:
    links = "<a href='/x'>word</a> " * 3000
    tree = parse(f"<html><body><article><p>{links}</p></article></body></html>")
    assert is_odd(tree)
    assert read_body(tree, thorough=True).text == ""
