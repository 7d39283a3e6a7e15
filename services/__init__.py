"""The business: use cases that join tables, WeChat, locks and bus."""
