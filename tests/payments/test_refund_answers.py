"""The table of the answers to a refund: who may free the amount, and who may not."""

from __future__ import annotations

import pytest

from payments.errors import WeChatRefused, WeChatUnreachable, WeChatUntrusted
from payments.merchant import Api
from payments.refund import ANSWERS, Meaning, answer_meaning, ends

BOTH = tuple(Api)


@pytest.mark.parametrize(("api", "code"), sorted(ANSWERS))
def test_no_answer_to_a_later_send_ends_a_refund(api: Api, code: str) -> None:
    row = ANSWERS[api, code]
    assert row.of(2) is row.again is not Meaning.NOT_TAKEN
    assert not ends(api, code, 2)
    assert not ends(api, code, 0)
    assert ends(api, code, 1) is (row.first is Meaning.NOT_TAKEN)
    assert row.source


@pytest.mark.parametrize("api", BOTH)
@pytest.mark.parametrize("code", ["NOTENOUGH", "RULE_LIMIT", "SIGNERROR", "FAIL"])
def test_what_a_person_can_mend_keeps_the_number(api: Api, code: str) -> None:
    assert answer_meaning(api, WeChatRefused(code, "不行")).of(1) is Meaning.WAITS


def test_too_many_means_taken_on_v3_alone() -> None:
    refused = WeChatRefused("FREQUENCY_LIMITED", "受理中")
    assert answer_meaning(Api.V3, refused).of(1) is Meaning.ACCEPTED
    assert answer_meaning(Api.V2, refused).of(1) is Meaning.WAITS


@pytest.mark.parametrize("api", BOTH)
@pytest.mark.parametrize(
    "error",
    [WeChatRefused("NEVER_SEEN", "?"), WeChatUntrusted(), WeChatUnreachable()],
)
def test_what_is_not_understood_decides_nothing(api: Api, error: Exception) -> None:
    assert answer_meaning(api, error).of(1) is Meaning.OPEN  # type: ignore[arg-type]
    assert not ends(api, "NEVER_SEEN", 1)
    assert not ends(api, None, 1)
