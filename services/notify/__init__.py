"""WeChat's notifies: verified, unverified and unhandled ones, and the kept texts."""
