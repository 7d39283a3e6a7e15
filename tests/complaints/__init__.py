"""Complaints: from WeChat's word to the end of their deadlines."""
