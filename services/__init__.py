"""What the business does: use cases that join tables, WeChat, lock and bus."""
