"""What `paywatch` does besides serving. server.py hands in what it built."""
