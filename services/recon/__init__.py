"""What people read of bills, and what they do about them."""
