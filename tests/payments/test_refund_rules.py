"""The rules of money going back, as tables and as any sequence of what WeChat may say; and the
answers to a refund: who may free the amount, and who may not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.errors import WeChatRefused, WeChatUnreachable, WeChatUntrusted
from payments.merchant import Api, Merchant
from payments.notify_replies import REPLIES
from payments.outcomes import Outcome
from payments.refund import (
    ANSWERS,
    REFUND_MOVES,
    Meaning,
    RefundResult,
    RefundStatus,
    answer_meaning,
    ends,
)
from payments.refund_rules import RefundFacts, judge_refund, status_of_order
from payments.states import OrderStatus

S = RefundStatus
OURS = Merchant("wx8888888888888888", "1900000109", "k" * 32)
FACTS = RefundFacts("RF-000001", "ORDER-1", "42001", OURS.mch_id, 8800, 800, S.PROCESSING)
RESULT = RefundResult(
    OURS,
    OURS,
    OURS.mch_id,
    "RF-000001",
    "5001",
    "ORDER-1",
    "42001",
    S.SUCCESS,
    "SUCCESS",
    "8800",
    "800",
)
BOTH = tuple(Api)
SAID = (S.PROCESSING, S.SUCCESS, S.ABNORMAL, S.CLOSED)


@pytest.mark.parametrize("before", list(S))
@pytest.mark.parametrize("after", SAID)
def test_every_state_meets_every_word_of_wechat(before: S, after: S) -> None:
    verdict = judge_refund(replace(FACTS, status=before), replace(RESULT, status=after))
    given_up = before in (S.REFUSED, S.ENDED)
    if after in REFUND_MOVES[before]:
        assert (verdict.outcome, verdict.moves_to) == (Outcome.REFUND_TAKEN, after)
        assert bool(verdict.rule) is (after is S.ABNORMAL)
    elif (after is S.SUCCESS and before is not S.SUCCESS) or (given_up and after is not S.CLOSED):
        assert (verdict.outcome, verdict.moves_to) == (Outcome.REFUND_TAKEN, after)
        assert verdict.rule
    else:
        assert verdict.moves_to is None
        older = (
            after is before
            or given_up
            or (after, before)
            in {
                (S.PROCESSING, S.ABNORMAL),
                (S.PROCESSING, S.SUCCESS),
                (S.ABNORMAL, S.SUCCESS),
            }
        )
        assert verdict.outcome is (Outcome.REFUND_REPEATED if older else Outcome.REFUND_MISMATCH)
        assert bool(verdict.rule) is not older


@pytest.mark.parametrize("after", SAID)
def test_what_was_known_when_a_refund_was_ended_is_no_news(after: S) -> None:
    """WeChat goes on saying ABNORMAL of what was settled in cash. PROCESSING is news: the money may
    go back a second time."""
    ended = replace(FACTS, status=S.ENDED, ended_from=S.ABNORMAL)
    verdict = judge_refund(ended, replace(RESULT, status=after))
    if after in (S.SUCCESS, S.PROCESSING):
        assert (verdict.moves_to, bool(verdict.rule)) == (after, True)
    else:
        assert (verdict.outcome, verdict.moves_to) == (Outcome.REFUND_REPEATED, None)


@pytest.mark.parametrize("before", list(S))
@pytest.mark.parametrize("after", SAID)
def test_what_is_not_proven_never_moves_a_refund(before: S, after: S) -> None:
    facts, result = replace(FACTS, status=before), replace(RESULT, status=after, proven=False)
    verdict = judge_refund(facts, result)
    assert (verdict.moves_to, verdict.rule) == (None, "")
    assert verdict.confirm is (verdict.outcome is Outcome.REFUND_TAKEN)


@pytest.mark.parametrize("claimed", SAID)
@pytest.mark.parametrize("after", SAID)
def test_an_answer_that_contradicts_the_notify_still_counts_and_is_flagged(
    claimed: S, after: S
) -> None:
    result = replace(RESULT, status=after)
    plain, verdict = judge_refund(FACTS, result), judge_refund(FACTS, result, claimed)
    assert (verdict.outcome, verdict.moves_to) == (plain.outcome, plain.moves_to)
    assert bool(verdict.rule) is (bool(plain.rule) or claimed is not after)


def test_the_checks_run_in_their_order() -> None:
    wrong = replace(
        RESULT,
        merchant=None,
        refund_num="OTHER",
        order_num="OTHER",
        refund_text="-1",
        total_text="x",
        status=None,
    )
    assert judge_refund(None, wrong).outcome is Outcome.FOREIGN_MERCHANT
    wrong = replace(wrong, merchant=OURS)
    assert judge_refund(None, wrong).outcome is Outcome.REFUND_UNKNOWN
    assert judge_refund(FACTS, wrong).outcome is Outcome.REFUND_UNKNOWN
    wrong = replace(wrong, order_num="ORDER-1", refund_num="RF-000001")
    assert judge_refund(FACTS, wrong).outcome is Outcome.NEGATIVE_TOTAL
    wrong = replace(wrong, refund_text="801")
    assert judge_refund(FACTS, wrong).outcome is Outcome.REFUND_EXCESS
    wrong = replace(wrong, refund_text="800")
    assert judge_refund(FACTS, wrong).outcome is Outcome.REFUND_MISMATCH
    wrong = replace(wrong, total_text="8800")
    verdict = judge_refund(FACTS, wrong)
    assert (verdict.outcome, verdict.rule[:13]) == (Outcome.REFUND_MISMATCH, "WeChat's word")
    names = [row.name for row in verdict.fields]
    assert names == [
        "out_refund_no",
        "out_trade_no",
        "transaction_id",
        "refund_status",
        "mch_id",
        "refund_fee",
        "total_fee",
    ]
    assert [row.name for row in verdict.fields if not row.same] == ["refund_status"]


REFUNDS = st.lists(st.tuples(st.sampled_from(list(S)), st.integers(1, 3000)), max_size=6)


@given(refunds=REFUNDS)
def test_an_order_is_what_its_refunds_make_it(refunds: list[tuple[S, int]]) -> None:
    back = sum(fen for status, fen in refunds if status is S.SUCCESS)
    status, refunded = status_of_order(8800, refunds)
    assert refunded == back
    if {s for s, _ in refunds} & {S.APPROVED, S.PROCESSING, S.ABNORMAL}:
        assert status is OrderStatus.REFUNDING
    else:
        whole = OrderStatus.REFUNDED if back >= 8800 else OrderStatus.PARTIALLY_REFUNDED
        assert status is (whole if back else OrderStatus.PAID)


@given(
    amounts=st.lists(st.integers(1, 8800), min_size=1, max_size=5),
    news=st.lists(st.tuples(st.integers(0, 4), st.sampled_from(SAID), st.booleans()), max_size=30),
)
def test_whatever_wechat_says_no_more_goes_back_than_was_paid(
    amounts: list[int], news: list[tuple[int, S, bool]]
) -> None:
    facts = [replace(FACTS, refund_num=f"RF-{i}", amount_fen=fen) for i, fen in enumerate(amounts)]
    for place, status, proven in news:
        i = place % len(facts)
        others = [f.amount_fen for j, f in enumerate(facts) if j != i and f.status is S.SUCCESS]
        facts[i] = replace(facts[i], others_fen=sum(others))
        result = replace(
            RESULT, refund_num=f"RF-{i}", refund_text=str(amounts[i]), status=status, proven=proven
        )
        verdict = judge_refund(facts[i], result)
        assert verdict.outcome in REPLIES
        if verdict.moves_to:
            facts[i] = replace(facts[i], status=verdict.moves_to)
        assert sum(f.amount_fen for f in facts if f.status is S.SUCCESS) <= 8800


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
