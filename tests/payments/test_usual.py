"""The reading of the usual message by expressions: never another result than expat's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payments.errors import BadSignature, Malformed
from payments.merchant import Merchants
from payments.v2 import notify, usual, wire
from tests.support import rig

SAMPLES = sorted((Path(__file__).parents[1] / "samples" / "v2").glob("*.xml"))
EXAMPLES = int(os.environ.get("PAYWATCH_TEST_EXAMPLES", "1000"))

PIECES = [
    *("<", ">", "&", "]", "]]", "]]>", "<![CDATA[", "/", "</", "/>", "<a>", "</a>", "<a/>"),
    *(
        "<xml>",
        "</xml>",
        "<xml/>",
        "&amp;",
        "&#49;",
        "&lt;",
        "<!--",
        "-->",
        "<?x?>",
        "<!DOCTYPE x>",
    ),
    *(" ", "\t", "\r", "\n", "\r\n", "\x00", "\x0b", "\x1f", "\x7f", "\x85", "\xa0", "\u2028"),
    *("\ufeff", "\ufffd", "\ufffe", "\uffff", "\U0001fffe", "1", "a", "-", ".", ":", "é", "支付"),
    *('<?xml version="1.0" encoding="UTF-8"?>', "<!DOCTYPE xml>"),
]
ODD_NAMES = st.sampled_from(["n" * 33, "é", "", "a b", "a:b", "x\n"])
HARMLESS = st.text(st.sampled_from("19-.aé支\x7f\x85\xa0\u2028\U0001fffe"), max_size=8)
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.lists(st.sampled_from(PIECES), max_size=3).map("".join),
)
FORMS = ["<{0}><![CDATA[{1}]]></{0}>", "<{0}>{1}</{0}>"]
ODD_FORMS = ["<{0}>{1}</a>", "<{0}/>", "<{0}> <![CDATA[{1}]]></{0}>", "<{0}>{1}</{0} >"]
GAPS = st.sampled_from(["", "", "\n", " \r\n\t"])


@pytest.fixture(autouse=True)
def _no_forms() -> Iterator[None]:
    """Each test begins and ends as a new process does."""
    usual._forms.clear()
    yield
    usual._forms.clear()


@st.composite
def messages(draw: st.DrawFn) -> str:
    """A usual message in which up to three things are odd, of whatever kind."""
    text = f"{draw(GAPS)}<xml>{draw(GAPS)}"
    for number in range(draw(st.integers(1, 5))):
        name, value, form = f"f{number}", draw(HARMLESS), draw(st.sampled_from(FORMS))
        match draw(st.integers(0, 20)):
            case 0:
                name = draw(st.one_of(ODD_NAMES, st.sampled_from(["f0", "xml", "XML", "n" * 32])))
            case 1:
                value = draw(TEXTS)
            case 2:
                form = draw(st.sampled_from(ODD_FORMS))
        text += form.format(name, value) + draw(GAPS)
    return with_odd_pieces(draw, f"{text}</xml>{draw(GAPS)}", st.sampled_from([0, 0, 0, 1, 2]))


def with_odd_pieces(draw: st.DrawFn, text: str, count: st.SearchStrategy[int]) -> str:
    for _ in range(draw(count)):
        at = draw(st.integers(0, len(text)))
        end = at + draw(st.integers(0, 3))
        text = text[:at] + draw(st.sampled_from(["", *PIECES])) + text[end:]
    return text


def by_expat(text: str) -> dict[str, str] | None:
    try:
        return wire.read_any(text.encode(), "xml")
    except Malformed:
        return None


@given(messages())
@settings(max_examples=EXAMPLES, deadline=None)
def test_the_expression_never_reads_what_expat_does_not_read_so(text: str) -> None:
    found = usual.read(text)
    assert found is None or found == by_expat(text)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "odd", [*map(chr, range(0x21)), *"]<>&\x7f\x85\ud7ff\ufffd\ufffe\uffff"], ids=ascii
)
def test_no_character_of_a_value_is_read_as_expat_does_not_read_it(odd: str, form: str) -> None:
    for value in (odd, f"a{odd}", f"{odd}b", f"a{odd}b", odd * 2):
        text = f"<xml>{form.format('f', value)}</xml>"
        if "\x00" not in text:  # it is refused before
            assert usual.read(text) in (None, by_expat(text))
    assert usual.read(f"<xml>{form.format('f', 'ab')}</xml>") == {"f": "ab"}


@given(
    st.dictionaries(
        st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,31}", fullmatch=True),
        st.text(st.characters(min_codepoint=32, exclude_characters="]<&\ufffe\uffff"), max_size=40),
        min_size=1,
        max_size=30,
    ),
    st.sampled_from(["", "\n", "\r\n  "]),
)
@settings(max_examples=200, deadline=None)
def test_what_wechat_writes_is_read_by_the_expression(fields: dict[str, str], gap: str) -> None:
    text = "".join(
        f"<{name}>{value}</{name}>{gap}" if n % 2 else f"<{name}><![CDATA[{value}]]></{name}>{gap}"
        for n, (name, value) in enumerate(fields.items())
    )
    assert usual.read(f"<xml>{gap}{text}</xml>{gap}") == fields


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_samples_are_read_by_the_expression_as_by_expat_or_left_to_it(path: Path) -> None:
    text = path.read_bytes().decode("utf-8", "replace")
    found = usual.read(text)
    assert found is None or found == by_expat(text)


def test_at_its_largest_the_expression_stays_within_the_limits_of_a_message() -> None:
    """It looks at no limit, as it is not asked above a size that keeps them."""
    assert usual.MAX_BYTES < wire.MAX_VALUE
    assert usual.MAX_BYTES // len("<a></a>") <= wire.MAX_FIELDS


@st.composite
def forms(draw: st.DrawFn) -> tuple[str, str]:
    """A message in which nothing is odd, and one of the same fields, odd or not."""
    gaps, kinds = [draw(GAPS) for _ in range(5)], [draw(st.sampled_from(FORMS)) for _ in range(3)]

    def message() -> str:
        values = [draw(HARMLESS) for _ in kinds]
        fields = [
            kind.format(f"f{n}", value) + gap
            for n, (kind, value, gap) in enumerate(zip(kinds, values, gaps, strict=False))
        ]
        return f"<xml>{gaps[3]}{''.join(fields)}</xml>{gaps[4]}"

    return message(), with_odd_pieces(draw, message(), st.integers(0, 2))


@given(forms())
@settings(max_examples=EXAMPLES, deadline=None)
def test_a_form_that_was_learnt_never_reads_what_expat_does_not_read_so(
    two: tuple[str, str],
) -> None:
    usual._forms.clear()
    for text in two:
        usual.learn(usual.read(two[0]) or {}, two[0].encode())
        found = usual.read(text)
        assert found is None or found == by_expat(text)
    assert len(usual._forms) == 1
    assert usual.read(two[0]) == usual.read_each(two[0])


def test_only_a_message_that_is_proven_teaches_its_form() -> None:
    merchants = Merchants((rig.MERCHANT,))
    fields = rig.notify_fields("M1", rig.transaction())
    with pytest.raises(BadSignature):
        notify.read(rig.signed(fields, "x" * 32), merchants)
    assert not usual._forms
    first = notify.read(rig.signed(fields), merchants)
    assert len(usual._forms) == 1
    assert notify.read(rig.signed(fields), merchants) == first


def test_not_more_forms_are_learnt_than_are_quick_to_try() -> None:
    for number in range(usual.MAX_FORMS + 5):
        name = f"f{number}"
        usual.learn([name], f"<xml><{name}>1</{name}></xml>".encode())
        assert usual.read(f"<xml><{name}>2</{name}></xml>") == {name: "2"}
    assert len(usual._forms) == usual.MAX_FORMS


def test_a_message_that_its_form_would_not_read_teaches_none() -> None:
    body = b'<?xml version="1.0"?><xml><f>1</f></xml>'
    usual.learn(wire.read(body), body)
    assert not usual._forms
