"""Rows of bills and bookings, paired: the parts of one match (`services/bills/matching.py`)."""
