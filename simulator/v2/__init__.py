"""API v2 as WeChat speaks it."""
