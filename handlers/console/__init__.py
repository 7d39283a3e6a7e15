"""The JSON behind the console's pages."""
