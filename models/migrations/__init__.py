"""The steps of the tables, in the order of their numbers; models/database.py runs them."""
