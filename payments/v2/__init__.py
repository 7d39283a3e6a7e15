"""API v2: flat XML signed with MD5 or HMAC-SHA256."""
