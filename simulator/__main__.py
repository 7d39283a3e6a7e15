"""`python -m simulator`: start, wait for SIGTERM or SIGINT, stop."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys

from simulator import options
from simulator.http.server import serving
from simulator.options import BadOption, Options

_log = logging.getLogger(__name__)


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s simulator: %(message)s")
    try:
        chosen = options.read(sys.argv[1:], os.environ)
        if not chosen.keys_only:
            asyncio.run(_serve(chosen))
    except BadOption as error:
        print(f"simulator: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"simulator: cannot listen: {error.strerror or error}", file=sys.stderr)
        return 1
    return 0


async def _serve(chosen: Options) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with serving(chosen) as (origin, _world):
        _log.info("listening on %s; notifies go to %s", origin, chosen.notify_origin)
        await stop.wait()
        _log.info("stopping")


if __name__ == "__main__":
    sys.exit(main())
