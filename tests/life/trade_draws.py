"""What may be drawn for refunds, and for money on no order. For tests; holds none itself."""

from __future__ import annotations

from hypothesis import strategies as st

ADMINS = st.sampled_from(["alice", "amy"])
ASKERS = st.sampled_from(["alice", "alice", "amy", "bob", "bob", "shop"])
"""Bob is support; the shop is the merchant's own server."""
REFUNDS = st.sampled_from([f"REFUND-{i}" for i in range(12)])
PARTS = st.sampled_from(["all", "half", "half", "one", "left", "left", "too much"])
SENDS = st.sampled_from(
    ["ok"] * 6
    + [
        "NOTENOUGH",
        "TRADE_OVERDUE",
        "INVALID_TRANSACTIONID",
        "PARAM_ERROR",
        "SYSTEMERROR",
        "BIZERR_NEED_RETRY",
        "FREQUENCY_LIMITED",
        "FAIL",
        "timeout",
        "garbled",
        "crash",
    ]
)
MOSTLY_RIGHT = st.sampled_from([0] * 8 + [1, -1])
SAID = st.sampled_from(["SUCCESS", "SUCCESS", "CHANGE", "REFUNDCLOSE"])
SOURCE = "198.51.100.0/24"
NEWS = st.fixed_dictionaries(
    {
        "do": st.just("refund notify"),
        "said": SAID,
        "off": st.just(0),
        "flaw": st.none(),
        "source": st.just(SOURCE),
    }
)
"""A good refund notify, which may come before the answer to the request."""
CHECKS = st.sampled_from(
    ["REFUNDNOTEXIST"] * 5 + ["SUCCESS", "PROCESSING", "SYSTEMERROR", "timeout", "garbled"]
)
ANSWERS = st.fixed_dictionaries(
    {
        "outcome": SENDS,
        "off": MOSTLY_RIGHT,
        "meanwhile": st.one_of(st.none(), st.none(), NEWS),
        "check": CHECKS,
    }
)
"""What WeChat says when it is asked for a refund, and when it is asked about one it refused."""
QUERIES = st.sampled_from(
    ["SUCCESS"] * 4
    + [
        "PROCESSING",
        "CHANGE",
        "REFUNDCLOSE",
        "REFUNDNOTEXIST",
        "REFUNDNOTEXIST",
        "SYSTEMERROR",
        "timeout",
        "garbled",
        "crash",
    ]
)
REFUND_FLAWS = st.sampled_from(
    [None] * 10
    + [
        "unreadable",
        "no proof",
        "other key",
        "other merchant",
        "unknown refund",
        "other order",
        "other transaction",
        "other total",
    ]
)
NOTIFIES = st.fixed_dictionaries(
    {
        "do": st.just("refund notify"),
        "said": st.one_of(SAID, SAID, SAID, st.just("MAYBE")),
        "off": st.sampled_from([0] * 7 + [1, -1, -20_000]),
        "flaw": REFUND_FLAWS,
        "source": st.sampled_from([SOURCE, "203.0.113.0/24"]),
    }
)
ACTIONS = st.sampled_from(["refund", "refund", "refund", "accept", "reopen", "reopen", "decline"])
GOOD_ANSWER = {"outcome": "ok", "off": 0, "meanwhile": None, "check": "REFUNDNOTEXIST"}
