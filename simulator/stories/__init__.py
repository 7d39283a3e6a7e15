"""The stories that scenarios tell: each plays one payment and compares every answer."""
