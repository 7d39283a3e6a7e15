"""The drivers of databases: only the one in use is loaded."""

from __future__ import annotations

import sys

_DRIVERS = {"postgresql": "psycopg", "mysql": "pymysql"}


def load_only_for(url: str) -> None:
    """Load Peewee, which otherwise loads every driver that is installed: a tenth of a second of CPU
    for those that a database at this address does not need. Call before anything that imports
    Peewee; afterwards this process opens databases of this kind only."""
    if "peewee" in sys.modules:
        return
    left_out = [name for scheme, name in _DRIVERS.items() if not url.startswith(scheme)]
    hidden = dict.fromkeys(left_out)  # None: `import` says that it is not there
    sys.modules.update(hidden)  # type: ignore[arg-type]
    try:
        import models.database  # noqa: F401 - with all of Peewee that is used
    finally:
        for name in left_out:
            del sys.modules[name]
