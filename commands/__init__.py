"""The commands of `paywatch`, one a file; cli.py names them."""
