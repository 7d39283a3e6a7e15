"""Tests of matching bills with the books."""
