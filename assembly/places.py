"""Where the code is: in a checkout as in a wheel."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[1]
"""Holds static/ and templates/."""
SCRIPT = ROOT / "server.py"
"""The main function, for processes of our own."""
