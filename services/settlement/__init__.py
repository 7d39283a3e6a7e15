"""The one door through which an order or a refund changes its state."""
