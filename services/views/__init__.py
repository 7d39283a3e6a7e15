"""What the console reads: search, order details, explanation, summary, export."""
