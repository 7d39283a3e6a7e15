"""Reports: what was paid, given back and kept, by hour, day, week or month; also as files."""
