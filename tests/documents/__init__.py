"""README.md and docs/deploy.md, followed to the letter."""
