"""How Python itself is set for a server: the loop, the collector, and the turns of its threads."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Callable

YOUNG = 10_000
"""So many objects are made between two looks of the collector; Python has 700 to 2,000."""
TURN_S = 0.001
"""A thread that runs Python lets one that waits go on after so long; Python has 5 ms. The loop,
the writer and the readers share one interpreter, and in 5 ms a notify could be settled."""


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # not on every platform
    except ImportError:
        return None
    return uvloop.new_event_loop


def settle_down() -> None:
    """To be called when everything is built. What was made at the start stays to the end, so the
    collector need not look at it again. A notify leaves no circles of objects, and hundreds that
    are young at once."""
    sys.setswitchinterval(TURN_S)
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
