"""What may be drawn for an order's life. For tests; holds none itself."""

from __future__ import annotations

from hypothesis import strategies as st

BORN = ["ORDER-0", "ORDER-1", "ORDER-2", "ORDER-3"]
"""These are there from the beginning; a fifth may be made or stay unknown."""
NUMBERS = st.sampled_from([*BORN, "ORDER-4"])
ANY_NUMBER = st.sampled_from([*BORN, "ORDER-4", "NOBODYS"])
TRANSACTIONS = st.sampled_from([f"4200{i}" for i in range(6)])
TOTALS = st.sampled_from([1, 100, 8800])
FLAWS = st.sampled_from(
    [None] * 8
    + [
        "unreadable",
        "bad sign",
        "bad sign",
        "no sign",
        "other app",
        "other merchant",
        "no result",
        "no transaction",
        "failed",
        "negative cash",
        "dollars",
        "old",
    ]
)
QUERIES = st.fixed_dictionaries(
    {
        "do": st.just("ask"),
        "state": st.sampled_from(
            ["SUCCESS"] * 3
            + ["REFUND", "NOTPAY", "CLOSED", "ORDERNOTEXIST", "SYSTEMERROR", "timeout", "garbled"]
        ),
        "tx": TRANSACTIONS,
        "off": st.sampled_from([0, 0, 0, 1, -1]),
        "old": st.sampled_from([False] * 7 + [True]),
    }
)
REFUSALS = ["FAIL", "ORDERPAID", "timeout", "garbled", "crash"]
PREPAYS = st.sampled_from(
    ["ok"] * 5 + [*REFUSALS, *["NOTENOUGH"] * 3, "OUT_TRADE_NO_USED", "ORDERCLOSED"]
)
CLOSES = st.sampled_from(
    ["ok"] * 3 + [*REFUSALS, "ORDERPAID", "ORDERCLOSED", "ORDERNOTEXIST", "SYSTEMERROR"]
)
NOTIFIES = st.fixed_dictionaries(
    {
        "do": st.just("notify"),
        "order": ANY_NUMBER,
        "tx": TRANSACTIONS,
        "off": st.sampled_from([0] * 6 + [1, -1, -20_000]),
        "flaw": FLAWS,
        "source": st.sampled_from(["198.51.100.0/24", "203.0.113.0/24"]),
    }
)
GOOD = st.fixed_dictionaries(
    {
        "do": st.just("notify"),
        "order": NUMBERS,
        "tx": TRANSACTIONS,
        "off": st.just(0),
        "flaw": st.none(),
        "source": st.just("198.51.100.0/24"),
    }
)
CLOSE_OK = st.fixed_dictionaries(
    {"do": st.just("close"), "order": NUMBERS, "outcome": st.just("ok")}
)
AT_ONCE = st.lists(
    st.one_of(
        GOOD,
        GOOD,
        NOTIFIES,
        CLOSE_OK,
        st.tuples(NUMBERS, QUERIES).map(lambda drawn: {**drawn[1], "order": drawn[0]}),
    ),
    min_size=2,
    max_size=4,
)
