"""Calls to WeChat: the client, platform keys, failures, circuit breaker, rate limit."""
