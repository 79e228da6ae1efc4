"""Which encoding a page is read in, by the order of the rules and the faults of real servers."""

from __future__ import annotations

import codecs

import pytest

from transforms.core.charset import Decoded, decode

CZECH = "<p>Škola má novou tělocvičnu, čekala na ni dvacet let.</p>"
RUSSIAN = "<p>Мост закроют на ремонт с первого марта, сообщили в администрации.</p>" * 4
JAPANESE = "<p>湖の水位が平年より低くなり、十年ぶりの低さを記録した。</p>" * 4


def page(text: str, charset: str, meta: str | None = None) -> bytes:
    head = f'<html><head><meta charset="{meta}"></head>' if meta else "<html><head></head>"
    return (head + text).encode(charset)


@pytest.mark.parametrize(
    ("payload", "content_type", "charset", "source"),
    [
        (codecs.BOM_UTF8 + page(CZECH, "utf-8", "windows-1250"), "text/html; charset=iso-8859-2", "utf-8", "bom"),
        (codecs.BOM_UTF16_LE + page(CZECH, "utf-16-le"), "text/html", "utf-16-le", "bom"),
        (codecs.BOM_UTF16_BE + page(CZECH, "utf-16-be"), None, "utf-16-be", "bom"),
        (page(CZECH, "utf-8", "windows-1250"), "text/html; charset=utf-8", "utf-8", "http"),
        (page(CZECH, "cp1250", "utf-8"), "text/html; charset=windows-1250", "cp1250", "http"),
        (page(CZECH, "cp1250"), 'text/html;charset="Windows-1250"', "cp1250", "http"),
        (page(CZECH, "cp1250", "windows-1250"), "text/html", "cp1250", "meta"),
        (page(RUSSIAN, "koi8-r", "koi8-r"), None, "koi8-r", "meta"),
        (page(JAPANESE, "shift_jis", "Shift_JIS"), "text/html", "cp932", "meta"),
        (page(JAPANESE, "euc_jp", "EUC-JP"), "text/html", "euc_jp", "meta"),
        (page("<p>“€ 5”</p>", "cp1252", "iso-8859-1"), "text/html", "cp1252", "meta"),
        (page("<p>“€ 5”</p>", "cp1252"), "text/html; charset=ISO-8859-1", "cp1252", "http"),
        (page("<p>老城区</p>", "gbk", "gb2312"), "text/html", "gb18030", "meta"),
        (page("<p>새 도서관</p>", "cp949", "euc-kr"), "text/html", "cp949", "meta"),
        (page(CZECH, "utf-8"), "text/html", "utf-8", "utf-8"),
        (page(CZECH, "utf-8", "utf-16"), "text/html", "utf-8", "meta"),
        (page(CZECH, "utf-8", "no-such-charset"), "text/html; charset=none", "utf-8", "utf-8"),
        (page(CZECH, "utf-8", "base64"), "text/html; charset=rot13", "utf-8", "utf-8"),
        (page(RUSSIAN, "cp1251"), "text/html", "cp1251", "detected"),
    ],
)
def test_order_of_rules(payload: bytes, content_type: str | None, charset: str, source: str) -> None:
    decoded = decode(payload, content_type)
    assert (decoded.charset, decoded.source) == (charset, source)
    assert "\ufffd" not in decoded.text


def test_valid_utf8_beats_a_latin_default() -> None:
    decoded = decode(page(CZECH, "utf-8"), "text/html; charset=iso-8859-1")
    assert (decoded.charset, decoded.source) == ("utf-8", "utf-8")
    assert "Škola" in decoded.text


def test_one_bad_byte_spoils_one_character() -> None:
    payload = page(CZECH * 40, "utf-8") + b"\xff" + page(CZECH, "utf-8")
    decoded = decode(payload, "text/html; charset=utf-8")
    assert decoded.charset == "utf-8"
    assert decoded.text.count("\ufffd") == 1


def test_wrong_declaration_is_passed_over() -> None:
    decoded = decode(page(CZECH, "cp1250", "windows-1250"), "text/html; charset=utf-8")
    assert (decoded.charset, decoded.source) == ("cp1250", "meta")


@pytest.mark.parametrize("payload", [b"", b"\x00" * 50, bytes(range(256)) * 40, b"\x81\x8d\x8f"])
def test_anything_becomes_text(payload: bytes) -> None:
    assert isinstance(decode(payload, None), Decoded)
