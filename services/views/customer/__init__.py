"""The words for a customer: one table, for the staff to copy and for the buyer's page."""
