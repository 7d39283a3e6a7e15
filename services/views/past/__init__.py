"""What the console shows of a past moment."""
