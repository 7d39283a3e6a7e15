"""Why a day has no match, as a code with its values, and when it is tried again."""

from __future__ import annotations

from typing import Any

from payments.bills.asking import AGAIN_AFTER_S, BillNotGiven, BillOutcome
from payments.errors import BillRefused, PaymentError, WeChatUnreachable
from services.runtime.clock import DAY_MS, HOUR_MS, MINUTE_MS

PAUSES_MS = (10 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS, DAY_MS)
"""After a try that failed; the last one after every further."""
FOR_GOOD = frozenset({BillOutcome.TOO_OLD})


WORDS = {
    BillOutcome.BEING_MADE: "WeChat is still making the bill; it is asked again in half an hour.",
    BillOutcome.TOO_OLD: "WeChat has no bill of a day so long ago.",
    BillOutcome.NOT_ENTITLED: "WeChat does not give this account its bills; see its permissions.",
    BillOutcome.TOO_OFTEN: "WeChat was asked too often; it is asked again later.",
    BillOutcome.EXPIRED: "WeChat did not take its own token twice; it is asked again later.",
    BillOutcome.SYSTEM_ERROR: "WeChat has an error of its own; it is asked again later.",
}


def problem_of(error: Exception) -> dict[str, Any]:
    """`{"code","values","words"}`: the console has its own words for each code, and `words` is the
    English sentence for everybody else."""
    if isinstance(error, BillNotGiven):
        values = {"wechatCode": error.said, "wechatWords": error.wechat_words}
        words = WORDS.get(error.outcome) or f"WeChat refuses: {error.said} {error.wechat_words}"
        return {"code": f"bill_{error.outcome.value}", "values": values, "words": words}
    if isinstance(error, BillRefused):
        code = f"bill_{error.fault}"
        return {"code": code, "values": dict(error.values), "words": error.message}
    if isinstance(error, PaymentError):
        return {"code": error.code, "values": {}, "words": error.message}
    return {"code": "internal", "values": {}, "words": "An error of ours; the log has it."}


def again_at(error: Exception, tries: int, now_ms: int) -> int | None:
    """In ms. The account is asked again also where it may not have its bills: somebody may have
    changed that."""
    if isinstance(error, BillNotGiven):
        if error.outcome in FOR_GOOD:
            return None
        if error.outcome is BillOutcome.BEING_MADE:
            return now_ms + AGAIN_AFTER_S[BillOutcome.BEING_MADE] * 1000
    if isinstance(error, WeChatUnreachable):
        return now_ms + PAUSES_MS[min(tries, 1)]
    return now_ms + PAUSES_MS[min(tries, len(PAUSES_MS) - 1)]
