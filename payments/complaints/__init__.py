"""Complaints of buyers, as values: what WeChat says of one, its deadlines, and its images."""
