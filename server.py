"""`paywatch COMMAND`, and the process that serves: what an operator starts."""

from __future__ import annotations

import os
import select
import sys

from assembly.database import CommandError
from assembly.log_lines import set_up_log
from assembly.version import VERSION
from commands.cli import parser, run
from settings import SettingError


def main() -> None:
    """`paywatch COMMAND`: exits 0, 2 on bad usage, 1 on failure with one line that says why."""
    given = parser(VERSION).parse_args()
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
