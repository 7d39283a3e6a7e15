"""Scenarios: each a story with what is expected of the product."""
