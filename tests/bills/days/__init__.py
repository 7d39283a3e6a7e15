"""The days of bills: their turns, runs and ends."""
