"""API v3 on the wire: what is read, what is refused, what is written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.errors import Malformed
from payments.v3 import wire

DEEP, DEEPEST = b'{"a":' * 32 + b"1" + b"}" * 32, b'{"a":' * 33 + b"1" + b"}" * 33

REFUSED = {
    "nothing": b"",
    "a text": b'"x"',
    "a list": b"[]",
    "null": b"null",
    "half of it": b'{"a":1',
    "junk after it": b'{"a":1}x',
    "a byte order mark": b'\xef\xbb\xbf{"a":1}',
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "not UTF-8": b'{"a":"\xff"}',
    "half a character in bytes": b'{"a":"\xed\xa0\x80"}',
    "half a character": b'{"a":"\\ud800"}',
    "half a character deep inside": b'{"a":[{"b":"\\udfff"}]}',
    "NUL": b'{"a":"\\u0000"}',
    "a control character": b'{"a":"\x01"}',
    "a name twice": b'{"a":1,"a":1}',
    "a name twice, spelt otherwise": b'{"a":1,"\\u0061":2}',
    "a name twice inside": b'{"x":{"a":1,"a":2}}',
    "NaN": b'{"a":NaN}',
    "infinity": b'{"a":-Infinity}',
    "ten thousand digits": b'{"a":' + b"9" * 10_000 + b"}",
    "33 levels": DEEPEST,
    "ten thousand levels": b"[" * 10_000 + b"]" * 10_000,
    "33 levels behind brackets in a text": b'{"b":"' + b"]" * 99 + b'","a":' + DEEPEST + b"}",
    "33 levels behind an escaped quote": b'{"b":"\\"' + b"]" * 99 + b'","a":' + DEEPEST + b"}",
    "five thousand objects": b'{"a":[' + b"{}," * 5000 + b"{}]}",
    "more than 64 KiB": b'{"a":"' + b"x" * 65_536 + b'"}',
    "a text without an end": b"[" * 40 + b'"' + b'\\"' * 30_000,
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=list(REFUSED))
def test_what_wechat_never_sends_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        wire.read(body)


READ: dict[str, tuple[bytes, Any]] = {
    "blanks": (b' {\n"a" : 1 }\r\n', {"a": 1}),
    "escapes": (b'{"a":"\\u4e2d\\/\xe6\x96\x87"}', {"a": "中/文"}),
    "a character of two escapes": (b'{"a":"\\ud83d\\ude00"}', {"a": "😀"}),
    "32 levels": (DEEP, json.loads(DEEP)),
    "brackets in a text": (b'{"a":"' + b"[{" * 99 + b'"}', {"a": "[{" * 99}),
    "a long list of goods": (b'{"a":[' + b"{}," * 900 + b"{}]}", {"a": [{}] * 901}),
    "exactly 64 KiB": (b'{"a":"' + b"x" * 65_528 + b'"}', {"a": "x" * 65_528}),
}


@pytest.mark.parametrize(("body", "fields"), READ.values(), ids=list(READ))
def test_what_is_json_in_utf8_is_read(body: bytes, fields: Any) -> None:
    assert wire.read(body) == fields


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_an_object_or_malformed(body: bytes) -> None:
    try:
        fields = wire.read(body)
    except Malformed:
        return
    assert isinstance(fields, dict)


PIECES = st.lists(
    st.sampled_from([b"{", b"}", b"[", b"]", b'"', b"\\", b",", b":", b'"a":', b"1", b'\\"', b"{}"])
)


@given(PIECES.map(b"".join))
def test_any_pieces_of_json_are_an_object_or_malformed(body: bytes) -> None:
    try:
        fields = wire.read(b'{"a":' + body + b"}")
    except Malformed:
        return
    assert isinstance(fields, dict)


KEPT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"))


@given(st.dictionaries(KEPT, st.none() | st.booleans() | st.integers() | KEPT, max_size=8))
def test_what_is_written_is_read_back_and_written_the_same(fields: dict[str, Any]) -> None:
    body = wire.write(fields)
    assert wire.read(body) == fields
    stored = json.loads(json.dumps(fields))
    assert wire.write(stored) == body


def test_a_text_is_there_or_not() -> None:
    fields = {"a": {"b": "x", "c": "", "d": 1}}
    assert wire.text(fields, "a", "b") == "x"
    for path in (("a", "c"), ("a", "d"), ("a", "e"), ("a",), ("a", "b", "c"), ("z",)):
        assert wire.text(fields, *path) is None
    assert wire.text(None, "a") is None
