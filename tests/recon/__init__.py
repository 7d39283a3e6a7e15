"""Tests of what people read of bills, and what they do about them."""
