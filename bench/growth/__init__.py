"""Databases of very different size, and what notifies and searches cost on them."""
