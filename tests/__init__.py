"""Promises, each by name. `tests.support.rig` starts the real product; nothing is patched."""
