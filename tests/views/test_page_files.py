"""What a page loads: files that a browser keeps for ever, in the form that it takes, of a bounded
weight; and the first answers, which the document brings along."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPResponse

from handlers.accept_headers import best_encoding
from handlers.console.first_answers import script_text
from handlers.console_files import BuiltFiles, console_files, missing_files
from models.user import Role
from tests.support.rig import PASSWORD, Product, product

pytestmark = pytest.mark.one_database
ROOT = Path(__file__).parents[2]
STATIC = ROOT / "static"
FEWEST, LIGHTEST_KB = 4, 115
"""The scripts and styles of the monitor with an empty cache; their bytes in brotli."""


def weight(entry: str) -> tuple[int, float]:
    page = BuiltFiles(STATIC).page(entry, "zh-CN", others=False)
    names = [page.script, *page.styles, *page.ahead]
    return len(names), sum((ROOT / f".{name}.br").stat().st_size for name in names) / 1000


def test_a_page_is_few_files_and_light() -> None:
    count, kilobytes = weight("main")
    assert count <= FEWEST
    assert kilobytes <= LIGHTEST_KB
    assert weight("sign-in")[1] < kilobytes - 15


def test_one_language_and_no_page_beside_the_monitor_are_loaded_first() -> None:
    files = BuiltFiles(STATIC)
    zh, en = (files.page("main", lang, others=False).ahead for lang in ("zh-CN", "en"))
    assert [name for name in zh if "/zh-" in name or "/en-" in name] != []
    assert (
        {name for name in zh if "/en-" in name} == {name for name in en if "/zh-" in name} == set()
    )
    more = set(files.page("main", "en", others=True).ahead) - set(en)
    assert [name for name in more if "/others-" in name] == list(more) != []


def test_every_built_file_has_its_forms_and_they_hold_the_same() -> None:
    assert missing_files(ROOT, plain=False) == []
    for name in json.loads((STATIC / "built/manifest.json").read_text("utf-8"))["files"]:
        path = STATIC / "built" / name
        assert gzip.decompress(path.with_name(f"{name}.gz").read_bytes()) == path.read_bytes()


@pytest.mark.parametrize(
    ("header", "form"),
    [
        ("", ""),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0.5, gzip;q=0.8", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0, gzip;q=0.0", ""),
        ("*", "br"),
        ("*;q=0.1, br;q=0", "gzip"),
        ("identity, br;q=0.5", ""),
        ("br;q=many", ""),
        ("BR ; q=1", "br"),
        ("deflate", ""),
    ],
)
def test_the_browser_gets_the_form_that_it_likes_best(header: str, form: str) -> None:
    assert best_encoding(header, ["br", "gzip"]) == form


@pytest.mark.gen_test
async def test_a_built_file_goes_out_in_its_form_and_is_kept_for_ever(tmp_path: Path) -> None:
    address = BuiltFiles(STATIC).page("main", "en", others=False).script
    plain = (ROOT / f".{address}").read_bytes()
    async with product(tmp_path, by_hand=True) as shop:
        tags = set()
        for form, end in (("identity", ""), ("br", ".br"), ("gzip", ".gz")):
            for method in ("GET", "HEAD"):
                answer = await raw(shop, address, method, form)
                size = (ROOT / f".{address}{end}").stat().st_size
                assert answer.headers["Content-Length"] == str(size)
                assert answer.headers.get("Content-Encoding", "identity") == form
                assert answer.headers["Content-Type"] == "text/javascript"
                assert answer.headers["Vary"] == "Accept-Encoding"
                assert "immutable" in answer.headers["Cache-Control"]
            tag = answer.headers["ETag"]
            tags.add(tag)
            known = await raw(shop, address, "GET", form, **{"If-None-Match": tag})
            assert (known.code, known.body) == (304, b"")
        assert len(tags) == 3
        assert (await raw(shop, address, "GET", "identity")).body == plain
        for other in ("/static/icon.svg", "/static/js/main.js", "/static/built/manifest.json"):
            answer = await raw(shop, other, "GET", "br")
            assert answer.headers["Cache-Control"] == "no-cache"
            assert "Content-Encoding" not in answer.headers
        assert (await raw(shop, "/static/built/main-AAAAAAAA.js", "GET", "br")).code == 404


async def raw(shop: Product, path: str, method: str, form: str, **more: str) -> HTTPResponse:
    """As it came over the wire."""
    return await shop.http.fetch(
        shop.origin + path,
        method=method,
        headers={"Accept-Encoding": form, **more},
        decompress_response=False,
        raise_error=False,
        follow_redirects=False,
    )


async def document(shop: Product, path: str, form: str = "gzip") -> str:
    session = await shop.sign_in("alice")
    answer = await raw(shop, path, "GET", form, Cookie=session.cookie)
    assert (answer.code, answer.headers["Vary"]) == (200, "Accept-Encoding")
    assert answer.headers.get("Content-Encoding", "identity") == form
    body = answer.body if form == "identity" else gzip.decompress(answer.body)
    return body.decode()


def brought(page: str) -> dict[str, Any]:
    (text,) = re.findall(r'<script type="application/json" id="brought">(.*?)</script>', page)
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.mark.gen_test
async def test_the_document_brings_what_the_addresses_would_answer_without_the_token(
    tmp_path: Path,
) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        await shop.running.services.users.create_user("alice", Role.ADMIN, PASSWORD)
        answers = brought(await document(shop, "/"))
        session = await shop.sign_in("alice")
        paths = list(answers)
        assert {"me", "summary", "inbox", "events?limit=1"} < set(paths)
        for path in paths:
            told = await session.get(path)
            if path == "summary":
                assert answers[path].keys() == told.keys()
            elif path == "me":
                assert answers[path]["user"] == told["user"]
                assert answers[path]["xsrf"] is None
            else:
                assert answers[path] == told
        assert brought((await shop.fetch("/login")).body.decode()) == {}


def test_no_text_of_a_buyer_leaves_the_script_that_holds_it() -> None:
    bad = {"a": "</script><script>alert(1)</script>", "b": "<!--\u2028&amp;"}
    text = script_text(bad)
    assert json.loads(text) == bad
    assert not set("<>&\u2028") & set(text)


@pytest.mark.gen_test
async def test_a_document_does_not_wait_for_answers_that_cannot_be_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails() -> None:
        raise TimeoutError

    async with product(tmp_path, by_hand=True) as shop:
        await shop.running.services.users.create_user("alice", Role.ADMIN, PASSWORD)
        monkeypatch.setattr(shop.running.services.summary, "get", fails)
        assert brought(await document(shop, "/", "identity")) == {}


@pytest.mark.gen_test
async def test_by_a_switch_a_page_names_the_sources(tmp_path: Path) -> None:
    page = console_files(ROOT, plain=True).page("main", "en", others=True)
    async with product(tmp_path, by_hand=True, CONSOLE_FILES="plain") as shop:
        await shop.running.services.users.create_user("alice", Role.ADMIN, PASSWORD)
        text = await document(shop, "/")
        libraries = json.loads(page.libraries)["imports"].values()
        for address in (page.script, *page.styles):
            assert f'"{address}"' in text
        for address in (page.script, *page.styles, page.icon, *libraries):
            assert (await shop.fetch(address)).code == 200
    sheets = {f"/static/css/{path.name}" for path in STATIC.glob("css/*.css")}
    assert set(page.styles) == sheets - {"/static/css/console.css"}
