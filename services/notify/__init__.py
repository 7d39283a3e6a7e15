"""What WeChat's notify traffic brings: verified, unverified and unhandled messages."""
