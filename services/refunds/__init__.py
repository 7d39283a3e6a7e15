"""Refunds, and payments that match no open order."""
