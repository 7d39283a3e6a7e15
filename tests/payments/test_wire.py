"""One flat XML element, read strictly: hostile bytes, honest ones, and any bytes at all."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
import xmltodict
from hypothesis import given, settings
from hypothesis import strategies as st

from payments.errors import Malformed
from payments.protocol import sendable
from payments.v2 import wire

SAMPLES = Path(__file__).parents[1] / "samples" / "v2"

# --- hostile bytes -------------------------------------------------------------------------------

DECLARED = '<?xml version="1.0" encoding="{0}"?><xml><a>中</a></xml>'
LAUGHS = (
    '<!DOCTYPE xml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><xml><a>&c;</a></xml>'
)
HOSTILE: dict[str, str | bytes] = {
    "nothing": b"",
    "one byte": b"<",
    "one blank": b" ",
    "JSON": b"{}",
    "a form": b"total_fee=1&sign=0",
    "NUL": b"\x00",
    "a field twice": "<xml><fee>1</fee><fee>100</fee></xml>",
    "a field twice, the larger first": "<xml><fee>100</fee><fee>1</fee></xml>",
    "an unknown field twice": "<xml><zz>1</zz><a>1</a><zz>1</zz></xml>",
    "an empty field twice": "<xml><a/><a></a></xml>",
    "text before CDATA": "<xml><a>1<![CDATA[0]]></a></xml>",
    "text after CDATA": "<xml><a><![CDATA[1]]>0</a></xml>",
    "a blank before CDATA": "<xml><a> <![CDATA[1]]></a></xml>",
    "two CDATA": "<xml><a><![CDATA[1]]><![CDATA[0]]></a></xml>",
    "two CDATA, one empty": "<xml><a><![CDATA[]]><![CDATA[10]]></a></xml>",
    "a comment in a number": "<xml><a>1<!--x-->0</a></xml>",
    "a comment between fields": "<xml><!-- x --><a>1</a></xml>",
    "a comment before the root": "<!-- x --><xml><a>1</a></xml>",
    "a nested element": "<xml><a><b>1</b></a></xml>",
    "a nested empty element": "<xml><a>1<b/></a></xml>",
    "an attribute": '<xml><a t="1">1</a></xml>',
    "an attribute of the root": '<xml t="1"><a>1</a></xml>',
    "a default namespace": '<xml xmlns="urn:x"><a>1</a></xml>',
    "a prefixed root": '<x:xml xmlns:x="urn:x"><a>1</a></x:xml>',
    "a prefixed root, undeclared": "<x:xml><a>1</a></x:xml>",
    "a prefixed field": "<xml><x:a>1</x:a></xml>",
    "another root": "<root><a>1</a></root>",
    "a root in capitals": "<XML><a>1</a></XML>",
    "text in the root": "<xml>1</xml>",
    "text between fields": "<xml><a>1</a>x<b>1</b></xml>",
    "CDATA between fields": "<xml><a>1</a><![CDATA[x]]></xml>",
    "a no-break blank between fields": "<xml><a>1</a>\u00a0</xml>",
    "a bare DOCTYPE": "<!DOCTYPE xml><xml><a>1</a></xml>",
    "a DOCTYPE with a system id": '<!DOCTYPE xml SYSTEM "x.dtd"><xml><a>1</a></xml>',
    "a DOCTYPE with a public id": '<!DOCTYPE xml PUBLIC "-//x" "x.dtd"><xml><a>1</a></xml>',
    "a file": '<!DOCTYPE xml [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><a>&f;</a></xml>',
    "a parameter entity": '<!DOCTYPE xml [<!ENTITY % p SYSTEM "file:///etc/passwd">%p;]><xml/>',
    "an inner entity": '<!DOCTYPE xml [<!ENTITY e "1">]><xml><a>&e;</a></xml>',
    "a billion laughs": LAUGHS,
    "quadratic blow-up": f'<!DOCTYPE x [<!ENTITY a "{"A" * 20000}">]><xml>{"&a;" * 5000}</xml>',
    "a default attribute": "<!DOCTYPE xml [<!ATTLIST a t CDATA 'x'>]><xml><a>1</a></xml>",
    "an element declaration": "<!DOCTYPE xml [<!ELEMENT a ANY>]><xml><a>1</a></xml>",
    "an undeclared entity": "<xml><a>1&foo;2</a></xml>",
    "an undeclared entity after a DOCTYPE": '<!DOCTYPE xml SYSTEM "x"><xml><a>1&foo;2</a></xml>',
    "a processing instruction": "<xml><?php x?><a>1</a></xml>",
    "a style sheet": '<?xml-stylesheet href="x"?><xml><a>1</a></xml>',
    "XML 1.1": '<?xml version="1.1"?><xml><a>1</a></xml>',
    "standalone": '<?xml version="1.0" standalone="yes"?><xml><a>1</a></xml>',
    "not standalone": '<?xml version="1.0" standalone="no"?><xml><a>1</a></xml>',
    "a second root": "<xml><a>1</a></xml><xml/>",
    "junk after the root": "<xml><a>1</a></xml>x",
    "junk before the root": "x<xml><a>1</a></xml>",
    "a blank before the declaration": ' <?xml version="1.0"?><xml><a>1</a></xml>',
    "cut off": "<xml><a>1</a>",
    "crossed tags": "<xml><a>1</xml></a>",
    "UTF-16 with its mark": "<xml><a>1</a></xml>".encode("utf-16"),
    "UTF-16, big end first, no mark": "<xml><a>1</a></xml>".encode("utf-16-be"),
    "UTF-16, little end first, no mark": "<xml><a>1</a></xml>".encode("utf-16-le"),
    "UTF-32": "<xml><a>1</a></xml>".encode("utf-32"),
    "Latin-1, declared": DECLARED.format("ISO-8859-1").replace("中", "é").encode("latin-1"),
    "Latin-1 declared over UTF-8": DECLARED.format("ISO-8859-1"),
    "GBK, declared": DECLARED.format("GBK").encode("gbk"),
    "GBK, not declared": "<xml><a>中</a></xml>".encode("gbk"),
    "US-ASCII declared": DECLARED.format("US-ASCII"),
    "UTF-16 declared over UTF-8": DECLARED.format("UTF-16"),
    "UTF-7": b'<?xml version="1.0" encoding="UTF-7"?>+ADw-xml+AD4-+ADw-/xml+AD4-',
    "an encoding that nobody knows": DECLARED.format("x-none"),
    "half a character": b"<xml><a>\xe4\xb8</a></xml>",
    "an overlong encoding": b"<xml><a>\xc0\xaf</a></xml>",
    "a surrogate in UTF-8": b"<xml><a>\xed\xa0\x80</a></xml>",
    "two marks": b"\xef\xbb\xbf\xef\xbb\xbf<xml><a>1</a></xml>",
    "NUL in a value": b"<xml><a>1\x002</a></xml>",
    "a control character": b"<xml><a>1\x012</a></xml>",
    "a reference to NUL": "<xml><a>&#0;</a></xml>",
    "a reference to a control character": "<xml><a>&#1;</a></xml>",
    "a reference to a surrogate": "<xml><a>&#xD800;</a></xml>",
    "a reference to a non-character": "<xml><a>&#xFFFF;</a></xml>",
    "a field without a name": "<xml><>1</></xml>",
    "a name with a hyphen": "<xml><a-b>1</a-b></xml>",
    "a name with a dot": "<xml><a.b>1</a.b></xml>",
    "a Chinese name": "<xml><金额>1</金额></xml>",
    "a name that begins with a digit": "<xml><1a>1</1a></xml>",
    "a name of 33 characters": f"<xml><{'a' * 33}>1</{'a' * 33}></xml>",
    "1,025 fields": "<xml>" + "".join(f"<a{i}>1</a{i}>" for i in range(1025)) + "</xml>",
    "a value over 8 KiB": f"<xml><a>{'x' * 8193}</a></xml>",
    "a value over 8 KiB in CDATA": f"<xml><a><![CDATA[{'x' * 8193}]]></a></xml>",
    "over 64 KiB": "<xml>" + " " * 65_526 + "</xml>",
    "2,000 levels": "<a>" * 2000 + "</a>" * 2000,
    "9,000 levels": "<xml>" * 9000,
}


def as_bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


@pytest.mark.parametrize("body", HOSTILE.values(), ids=list(HOSTILE))
def test_what_wechat_never_sends_is_refused_at_once(body: str | bytes) -> None:
    before = time.perf_counter()
    with pytest.raises(Malformed):
        wire.read(as_bytes(body))
    assert time.perf_counter() - before < 0.5


def test_no_address_in_a_message_is_ever_visited(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)  # to read it would block for ever
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.setblocking(False)
        url = f"http://127.0.0.1:{canary.getsockname()[1]}/evil.dtd"
        for address in (url, pipe.as_uri()):
            for text in (
                f'<!DOCTYPE xml SYSTEM "{address}"><xml/>',
                f'<!DOCTYPE xml [<!ENTITY % p SYSTEM "{address}"> %p;]><xml/>',
                f'<!DOCTYPE xml [<!ENTITY e SYSTEM "{address}">]><xml><a>&e;</a></xml>',
            ):
                with pytest.raises(Malformed):
                    wire.read(text.encode())
        with pytest.raises(BlockingIOError):
            canary.accept()


# --- honest bytes ------------------------------------------------------------------------------

HONEST: dict[str, tuple[str | bytes, dict[str, str]]] = {
    "no field": ("<xml/>", {}),
    "no field, long form": ("<xml></xml>", {}),
    "plain": ("<xml><a>1</a></xml>", {"a": "1"}),
    "CDATA": ("<xml><a><![CDATA[<b>&amp;]]></a></xml>", {"a": "<b>&amp;"}),
    "escaped": ("<xml><a>&lt;&amp;&gt;&quot;&apos;</a></xml>", {"a": "<&>\"'"}),
    "empty values": ("<xml><a></a><b/><c><![CDATA[]]></c></xml>", {"a": "", "b": "", "c": ""}),
    "blanks kept": ("<xml><a> x </a><b> </b><c>\n</c></xml>", {"a": " x ", "b": " ", "c": "\n"}),
    "blanks kept in CDATA": ("<xml><a><![CDATA[ x ]]></a></xml>", {"a": " x "}),
    "digits by reference": ("<xml><a>&#49;&#x30;</a></xml>", {"a": "10"}),
    "line ends between fields": ("<xml>\r\n\t<a>1</a>\n</xml>", {"a": "1"}),
    "line ends around the root": ("\n<xml><a>1</a></xml>\n", {"a": "1"}),
    "a byte order mark": (b"\xef\xbb\xbf<xml><a>1</a></xml>", {"a": "1"}),
    "a declaration": ('<?xml version="1.0"?><xml><a>1</a></xml>', {"a": "1"}),
    "UTF-8 declared": (DECLARED.format("UTF-8"), {"a": "中"}),
    "utf-8 declared": (DECLARED.format("utf-8"), {"a": "中"}),
    "a carriage return by reference": ("<xml><a>1&#13;</a></xml>", {"a": "1\r"}),
    "an emoji": ("<xml><a>😀</a></xml>", {"a": "😀"}),
    "a field named as the root": ("<xml><xml>1</xml></xml>", {"xml": "1"}),
    "1,024 fields": (
        "<xml>" + "".join(f"<a{i}>1</a{i}>" for i in range(1024)) + "</xml>",
        {f"a{i}": "1" for i in range(1024)},
    ),
    "8 KiB in one value": (f"<xml><a>{'x' * 8192}</a></xml>", {"a": "x" * 8192}),
}


@pytest.mark.parametrize(("body", "fields"), HONEST.values(), ids=list(HONEST))
def test_what_wechat_may_send_is_read_exactly(body: str | bytes, fields: dict[str, str]) -> None:
    assert wire.read(as_bytes(body)) == fields


def test_64_kib_are_read_and_one_byte_more_is_not() -> None:
    body = b"<xml>" + b" " * (wire.MAX_BYTES - 11) + b"</xml>"
    assert wire.read(body) == {}
    with pytest.raises(Malformed):
        wire.read(body + b" ")


def test_another_root_is_read_when_it_is_asked_for() -> None:
    body = wire.write({"refund_id": "1"}, "root")
    assert body == b"<root><refund_id><![CDATA[1]]></refund_id></root>"
    assert wire.read(body, "root") == {"refund_id": "1"}
    with pytest.raises(Malformed):
        wire.read(body)


@pytest.mark.parametrize(
    "fields",
    [
        {"a": "\x00"},
        {"a": "\x1f"},
        {"a": "\ud800"},
        {"a": "\uffff"},
        {"": "1"},
        {"1a": "1"},
        {"a b": "1"},
        {"a>": "1"},
        {"金额": "1"},
        {"a" * 33: "1"},
        {"a\n": "1"},
    ],
    ids=repr,
)
def test_what_no_message_can_carry_is_not_written(fields: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        wire.write(fields)


# --- properties ----------------------------------------------------------------------------------

names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,31}", fullmatch=True)
characters = st.characters(
    exclude_categories=("Cs",),
    exclude_characters=[*map(chr, {*range(32)} - {9, 10, 13}), "\ufffe", "\uffff"],
)
values = st.text(characters, max_size=60) | st.sampled_from(["]]>", "\r", "a\r\nb", "]]", "&lt;"])
messages = st.dictionaries(names, values, max_size=12)


@given(messages)
def test_what_is_written_is_read_back_unchanged(fields: dict[str, str]) -> None:
    assert wire.read(wire.write(fields)) == fields


@st.composite
def flat_xml(draw: st.DrawFn) -> str:
    """Well-formed and flat, in every style that WeChat and its SDKs write."""
    fields = []
    for name, value in draw(messages).items():
        styles = ["escaped", "references"] if "]]>" in value else ["escaped", "references", "cdata"]
        style = draw(st.sampled_from(styles))
        if style == "cdata":
            value = f"<![CDATA[{value}]]>"
        elif style == "references":
            value = "".join(f"&#{ord(character)};" for character in value)
        else:
            value = escape(value)
        fields.append(f"<{name}>{value}</{name}>" if value else f"<{name}/>")
    gap = draw(st.sampled_from(["", "\n", " \r\n\t"]))
    head = draw(st.sampled_from(["", "\ufeff", '<?xml version="1.0" encoding="UTF-8"?>\n']))
    return head + gap.join(["<xml>", *fields, "</xml>"])


def lenient(body: bytes) -> dict[str, str]:
    """What xmltodict makes of it, whatever that is."""
    found: Any = xmltodict.parse(body, strip_whitespace=False)["xml"]
    fields = found if isinstance(found, dict) else {}
    return {name: value or "" for name, value in fields.items() if name != "#text"}


@given(flat_xml())
def test_flat_xml_means_what_xmltodict_reads(text: str) -> None:
    assert wire.read(text.encode()) == lenient(text.encode())


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_malformed(body: bytes) -> None:
    read_or_refuse(body)


PIECES = [
    b"<",
    b">",
    b"&",
    b"]]>",
    b"<![CDATA[",
    b"<!--",
    b"-->",
    b"<!DOCTYPE xml>",
    b"<?x?>",
    b"&#0;",
    b"&a;",
    b"<a>",
    b"</a>",
    b"<a/>",
    b"</xml>",
    b"<xml>",
    b"\x00",
    b"\xff",
    b"\xef\xbb\xbf",
    b'"',
    b"<total_fee>1</total_fee>",
    b' t="1"',
    b"\r",
    b"\xed\xa0\x80",
    b"encoding='GBK'",
    b"xmlns='y'",
]
GENUINE = sorted(path.read_bytes() for path in SAMPLES.iterdir())


@settings(max_examples=300)
@given(st.data())
def test_a_mutated_message_is_read_as_xmltodict_does_or_malformed(data: st.DataObject) -> None:
    body = data.draw(st.sampled_from(GENUINE))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(body)))
        end = data.draw(st.integers(start, min(len(body), start + 20)))
        piece = data.draw(st.sampled_from(PIECES) | st.binary(max_size=3))
        body = body[:start] + piece + body[end:]
    fields = read_or_refuse(body)
    if fields is not None:
        assert fields == lenient(body)


def read_or_refuse(body: bytes) -> dict[str, str] | None:
    """The fields, all of them text; None for Malformed. Any other exception is a defect."""
    try:
        fields = wire.read(body)
    except Malformed:
        return None
    assert all(type(value) is str for value in fields.values())
    return fields


# --- texts of ours that are sent ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("咨询", "咨询"),
        (" a\r\n\tb\x00c\x7f ", "a b c"),
        ("a" * 200, "a" * 127),
        ("中" * 100, "中" * 42),
        ("a" + "中" * 100, "a" + "中" * 42),
        ("奶茶🧋大杯", "奶茶大杯"),
        ("👨\u200d👩\u200d👧妈妈的❤\ufe0f茶", "妈妈的❤茶"),
        ("𠮷野家", "野家"),
        ("绿茶\u3000100\xa0g\ufeff", "绿茶 100 g"),
        ("a\uffffb\ufffec\ud800d\u202ee", "abcde"),
        ("a" * 126 + "中", "a" * 126),
        ("😀" * 40, "ORDER-1"),
        (" \u3000\x00", "ORDER-1"),
    ],
)
def test_a_title_fits_wechats_bytes_and_is_cut_between_characters(title: str, body: str) -> None:
    assert sendable(title, 127, "ORDER-1") == body


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_any_title_fits_and_keeps_its_beginning(title: str) -> None:
    body = sendable(title, 127)
    assert len(body.encode()) <= 127
    assert sendable(body, 127) == body
    assert all(len(character.encode()) <= 3 for character in body)
    wire.write({"body": body})  # what XML can carry
