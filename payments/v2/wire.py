"""API v2 on the wire: one flat XML element, read strictly and written plainly.

WeChat sends `<xml><name><![CDATA[value]]></name>…</xml>`. Everything else that XML can do
(document types, entities, attributes, nesting, comments, other encodings) has only ever been
used to attack this format, so it is refused before it can mean anything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NoReturn
from xml.parsers import expat
from xml.sax.saxutils import escape

from payments.errors import Malformed
from payments.v2 import usual

MAX_BYTES = 64 * 1024
MAX_FIELDS = 1024
"""A payment with all its 28 coupons has some 150, ten refunds with theirs some 950."""
MAX_VALUE = 8 * 1024

_BLANKS = " \t\r\n"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,31}", re.ASCII)
_FORBIDDEN_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Oversized(Malformed):
    """Readable, but with more fields or a longer value than any honest message; `fields` is what it
    says, for who can prove it."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__("There are too many fields, or a value is too long.")
        self.fields = fields


class _Reader:
    """Collects the fields of one message; raises Malformed at the first thing it does not like."""

    def __init__(self, root: str) -> None:
        self.fields: dict[str, str] = {}
        self._root = root
        self._depth = 0
        self._name = ""
        self._text: list[str] = []
        self._cdata = 0
        self._in_cdata = False
        self._plain = False

    def start(self, name: str, attributes: list[str]) -> None:
        if attributes:
            raise Malformed("An element has attributes.")
        self._depth += 1
        if self._depth == 1:
            if name != self._root:
                raise Malformed("The root element has another name.")
        elif self._depth > 2:
            raise Malformed("A field holds another element.")
        else:
            self._open(name)

    def _open(self, name: str) -> None:
        if not _is_name(name):
            raise Malformed("A field name has characters that WeChat does not use.")
        if name in self.fields:
            raise Malformed("A field comes twice.")
        self._name, self._text, self._cdata, self._plain = name, [], 0, False

    def end(self, _name: str) -> None:
        self._depth -= 1
        if self._depth != 1:
            return
        value = "".join(self._text)
        if self._cdata > 1 or (self._cdata and self._plain):
            raise Malformed("A value is pieced together.")
        self.fields[self._name] = value

    def text(self, data: str) -> None:
        if self._depth == 2:
            self._text.append(data)
            self._plain = self._plain or not self._in_cdata
        elif data.strip(_BLANKS):
            raise Malformed("There is text outside the fields.")

    def start_cdata(self) -> None:
        self._cdata += 1
        self._in_cdata = True

    def end_cdata(self) -> None:
        self._in_cdata = False


@lru_cache(maxsize=1024)
def _is_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def _refuse(*_args: object) -> NoReturn:
    raise Malformed("The XML uses what a message of WeChat's never has.")


def _declaration(version: str, encoding: str | None, standalone: int) -> None:
    if version != "1.0" or standalone != -1 or (encoding or "utf-8").lower() != "utf-8":
        raise Malformed("The XML declaration is not version 1.0 in UTF-8.")


def read(body: bytes, root: str = "xml") -> dict[str, str]:
    """Read one message: field name → value, blanks kept, an empty element as ''.

    Raises Malformed (Oversized, when size alone is wrong), and nothing else, on whatever bytes
    come.
    """
    if len(body) > MAX_BYTES:
        raise Malformed("The message is larger than 64 KiB.")
    if b"\x00" in body:
        # UTF-16 without its mark is valid UTF-8 with NULs, and expat would read it all the same.
        raise Malformed("The message holds a NUL.")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("The message is not UTF-8.") from error
    found = usual.read(text) if root == "xml" and len(body) <= usual.MAX_BYTES else None
    return read_any(body, root) if found is None else found


def read_any(body: bytes, root: str) -> dict[str, str]:
    """As `read`, by expat, of bytes that are UTF-8 without a NUL."""
    reader = _Reader(root)
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.ordered_attributes = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartCdataSectionHandler = reader.start_cdata
    parser.EndCdataSectionHandler = reader.end_cdata
    parser.XmlDeclHandler = _declaration
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.ProcessingInstructionHandler = _refuse
    parser.CommentHandler = _refuse
    try:
        # One call: fed in pieces, an old expat takes quadratic time over one long token.
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise Malformed("The message is not well-formed XML.") from error
    fields = reader.fields
    if len(fields) > MAX_FIELDS or any(len(value) > MAX_VALUE for value in fields.values()):
        raise Oversized(fields)
    return fields


def read_whole(body: bytes) -> dict[str, str]:
    """As `read`, whatever the number of fields: for what was asked for, or proven before."""
    try:
        return read(body)
    except Oversized as error:
        return error.fields


def write(fields: Mapping[str, str], root: str = "xml") -> bytes:
    """Write a message that `read` gives back unchanged. Raises Malformed for a value that no
    XML can carry (control characters) and for a name that WeChat would not read."""
    parts = [f"<{root}>"]
    for name, value in fields.items():
        if not _is_name(name) or _FORBIDDEN_TEXT.search(value):
            raise Malformed("A field cannot be written as XML.")
        parts.append(f"<{name}>{_quoted(value)}</{name}>")
    parts.append(f"</{root}>")
    return "".join(parts).encode("utf-8")


def _quoted(value: str) -> str:
    # A CDATA section can hold neither its own end nor a bare carriage return.
    if "]]>" in value or "\r" in value:
        return escape(value, {"\r": "&#13;"})
    return f"<![CDATA[{value}]]>"
