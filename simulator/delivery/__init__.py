"""Notifies: made, spoiled on demand, and delivered."""
