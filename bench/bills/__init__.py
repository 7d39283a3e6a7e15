"""A day of a million rows: its bill, the bookings, and what it costs to match them."""
