"""Complaints at the simulated WeChat: what buyers, the platform and merchants do about them."""
