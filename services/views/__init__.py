"""The reads of the console: search, order details, explanation, summary, export."""
