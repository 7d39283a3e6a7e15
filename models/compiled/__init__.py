"""The fixed statements of the hot path, compiled once from the models for each database."""
