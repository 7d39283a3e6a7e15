"""How many of the browser's checks a run makes."""

from __future__ import annotations

import os

FULL = os.environ.get("PAYWATCH_TEST_BROWSER") == "full"
"""All widths, themes and languages (`make check-browser`), or the few the suite has time for."""
