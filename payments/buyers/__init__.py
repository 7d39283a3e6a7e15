"""What buyers are called and how they are reached: names and phone numbers."""
