"""A WeChat of our own: the addresses, the buyer's page and the notifies, with play money.

Its own process, which the product meets over HTTP only: `python -m simulator`. It stands on
`payments` and on nothing else of ours, and the product never imports it.
"""
