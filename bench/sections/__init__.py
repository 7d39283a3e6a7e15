"""The sections of the full measurement, one a file: each measures, and gives its figures."""
