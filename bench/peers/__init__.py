"""Programs that do what a durable notify needs, as they are commonly written: read the XML, verify
MD5, find the order, compare the amount, update under a condition, insert the event, commit, answer.

They do less than Paywatch: fewer indexes, no raw notify, no counters, no lock, no alerts.
DuckDB is the peer of the match of a bill.
"""
