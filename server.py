"""`paywatch COMMAND`, and the process that serves: what an operator starts."""

from __future__ import annotations

import argparse
import contextlib
import os
import select
import sys

from assembly.log_lines import set_up_log
from assembly.version import VERSION


def main() -> None:
    """`paywatch COMMAND`: exits 0, 2 on bad usage, 1 on failure with one line that says why."""
    version = argparse.ArgumentParser(prog="paywatch", add_help=False)
    version.add_argument("--version", action="version", version=f"paywatch {VERSION}")
    version.parse_known_args(sys.argv[1:2])
    _run(version)


def _run(version: argparse.ArgumentParser) -> None:
    """What a command needs is loaded here, after the settings that say what that is."""
    from assembly.drivers import load_only_for
    from settings import SettingError, read_database_url

    with contextlib.suppress(SettingError):  # the command says it again
        load_only_for(read_database_url())
    from assembly.database import CommandError
    from commands.cli import parser, run

    given = parser(version).parse_args()
    set_up_log()
    os.umask(0o077)  # what we write holds payments and people
    try:
        run(given)
        sys.stdout.flush()
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        if not output_has_no_reader():
            raise
        # As in `paywatch check | head`. Python flushes once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except (SettingError, CommandError) as error:
        print(f"paywatch: {error}", file=sys.stderr)
        sys.exit(1)


def output_has_no_reader() -> bool:
    """Whether standard output is a pipe or a socket whose other end is closed."""
    poll = select.poll()
    poll.register(sys.stdout.fileno(), 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))


if __name__ == "__main__":
    main()
