"""API v3 as WeChat speaks it."""
