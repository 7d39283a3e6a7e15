"""Tests of the reports: their sums, their address, their files."""
