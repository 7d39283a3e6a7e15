"""Promises, each by name. `tests.rig` starts the real product; nothing is patched."""
