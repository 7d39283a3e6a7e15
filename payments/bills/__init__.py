"""WeChat's bills: what it says moved on a day. Read from bytes into rows, checked against their own
summary; no I/O. `trade.py` reads the trade bill, `fund_flow.py` the fund-flow bill; `asking.py`
has what WeChat is asked for and what it may answer."""
