"""The console's scripts and styles, as a page gets them: joined, in their order, and anew when one
has changed."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from handlers.joined_files import SHEETS, JoinedFiles, StrangeScript, join_scripts
from tests.support.rig import product

pytestmark = pytest.mark.one_database
STATIC = Path(__file__).parents[2] / "static"
FILES = {
    "main.js": """import all from './words/all.js';
import {
  double,
  name as label,
} from './values/twice.js';
import { sign } from './values/sign.js';
console.log(label, double(all.one), sign(all.one), await_(2));
async function await_(n) {
  return n;
}
""",
    "words/all.js": "import { ONE } from '../values/one.js';\nexport default {\n  one: ONE,\n};\n",
    "values/one.js": "console.log('one');\nexport const ONE = 1;\n",
    "values/sign.js": (
        "import { double } from './twice.js';\nimport { ONE } from './one.js';\n"
        "const name = `sign`;\nexport class Sign {}\n"
        "export const sign = (n) => `${name} ${double(ONE) * n}`;\n"
    ),
    "values/twice.js": (
        "import { ONE as first } from './one.js';\nconst name = 'twice';\n"
        "export function double(n) {\n  return n * (first + first);\n}\nexport { name };\n"
    ),
}


def put(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def run(script: Path) -> str:
    done = subprocess.run(["node", str(script)], capture_output=True, text=True, check=True)
    return done.stdout


def test_the_joined_script_does_what_the_single_ones_do(tmp_path: Path) -> None:
    alone, joined = put(tmp_path / "alone", FILES), put(tmp_path / "joined", {})
    put(alone, {"package.json": '{"type": "module"}'})
    put(joined, {"all.mjs": join_scripts(alone)})
    assert (
        run(joined / "all.mjs") == run(alone / "main.js") == "one\ntwice 2 sign 2 Promise { 2 }\n"
    )


def test_a_library_that_the_page_maps_stays_an_import(tmp_path: Path) -> None:
    files = {"main.js": "import { h } from 'preact';\nimport { x } from './x.js';\n"}
    files["x.js"] = "import { h as draw } from 'preact';\nexport const x = draw;\n"
    joined = join_scripts(put(tmp_path, files))
    assert re.findall(r"^import .*", joined, re.M) == ["import * as library0 from 'preact';"]
    assert joined.count("= library0;") == 2


@pytest.mark.parametrize(
    "line",
    [
        "import * as all from './x.js';",
        "import './x.js';",
        "export { x } from './x.js';",
        "export * from './x.js';",
        "export let x = 1;",
        "export const { x } = y;",
    ],
)
def test_a_form_that_no_script_of_ours_uses_is_refused_by_name(tmp_path: Path, line: str) -> None:
    files = {"main.js": f"{line}\n", "x.js": "export const x = 1;\n"}
    with pytest.raises(StrangeScript, match=re.escape(f"main.js: {line}")):
        join_scripts(put(tmp_path, files))


def test_the_page_gets_every_script_and_every_sheet_of_the_console() -> None:
    joined = join_scripts(STATIC / "js")
    scripts = {path.relative_to(STATIC / "js").as_posix() for path in STATIC.glob("js/**/*.js")}
    assert set(re.findall(r"^scripts\['([^']+)'\] = \(\(\) => \{$", joined, re.M)) == scripts
    assert {f"{name}.css" for name in SHEETS} == {path.name for path in STATIC.glob("css/*")}


def test_a_changed_file_is_joined_again_and_others_are_not_read_twice(tmp_path: Path) -> None:
    folder, now = put(tmp_path, {f"js/{name}": text for name, text in FILES.items()}), [100.0]
    files = JoinedFiles(folder, lambda: now[0])
    before = files.read("js")
    now[0] += 1
    assert files.read("js") is before
    one = tmp_path / "js/values/one.js"
    put(tmp_path, {"js/values/one.js": FILES["values/one.js"].replace("= 1", "= 7")})
    os.utime(one, ns=(1, 1))  # as a copy of an older version has it
    assert files.read("js") is before, "looked at once a second"
    now[0] += 1
    assert b"ONE = 7" in files.read("js")


@pytest.mark.gen_test
async def test_who_has_the_files_is_told_that_they_have_not_changed(tmp_path: Path) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        for name, kind in (("console.js", "text/javascript"), ("console.css", "text/css")):
            answer = await shop.fetch(f"/{name}")
            assert (answer.code, answer.headers["Content-Type"]) == (200, kind)
            assert answer.headers["Cache-Control"] == "no-cache"
            again = await shop.fetch(f"/{name}", headers={"If-None-Match": answer.headers["ETag"]})
            assert (again.code, again.body) == (304, b"")


@pytest.mark.gen_test
async def test_they_answer_as_every_other_address_does(tmp_path: Path) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        for path in ("/console.js", "/console.css"):
            answer = await shop.fetch(path)
            assert answer.headers["X-Request-Id"]
            assert answer.headers["Cache-Control"] == "no-cache"
            refused = await shop.fetch(path, "POST", b"")
            assert (refused.code, refused.headers["Allow"]) == (405, "GET")
            assert json.loads(refused.body)["error"] == "method_not_allowed"
