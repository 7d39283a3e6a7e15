"""Complaints of buyers: fetched from WeChat, told, answered and finished."""
