"""The README's commands as they are printed; tests/documents/machine.py tells the stand-ins."""

from __future__ import annotations

import json
import re

import pytest

from tests.documents.blocks import README, ROOT, run_here
from tests.documents.machine import Machine, fetch, until
from tests.support.rig import PASSWORD


def answer(said: str) -> dict[str, str]:
    """The JSON that curl printed, beside its progress."""
    found = re.search(r"\{.*\}", said)
    assert found, said
    return json.loads(found[0])


def on_v2(text: str) -> str:
    """The settings of the README for an account on API v2: those of API v3 go, and the three
    behind a `#` come."""
    before, after = text.split("# an account on API v3\n")
    return before + re.sub(
        "^# (?=PAYWATCH)", "", after.split("account on API v2", 1)[1].split("\n", 1)[1], flags=re.M
    )


@pytest.mark.parametrize("api", ["v3", "v2"])
def test_the_readmes_first_real_payment_as_printed(machine, api):
    (machine.folder / ".venv").symlink_to(ROOT / ".venv")
    terminal, order, code = machine.terminal(**machine.variables), "", ""
    for block in run_here(README):
        text = machine.filled(block)
        if block.place:
            settings = on_v2(text) if api == "v2" else text
            (machine.folder / block.place).write_text(settings, "utf-8")
            machine.put_keys(settings)
        elif "create-user" in text:
            terminal.run(text, PASSWORD, PASSWORD)
        elif text.startswith(".venv/bin/paywatch serve"):
            terminal.begin(text)
            until(machine.is_ready)
            terminal = machine.terminal(**machine.variables)
        elif "merchant/v1/orders \\" in text:
            order = machine.values["<orderNum>"] = answer(terminal.run(text))["orderNum"]
        elif "/weixin/prepay" in text:
            code = machine.values["<codeUrl>"] = answer(terminal.run(text))["codeUrl"]
            assert code.startswith("weixin://")
        elif "/refunds" in text:
            assert paid(machine, order)
            assert answer(terminal.run(text))["refundNum"] == "RF-first-try"
        else:
            said = terminal.run(text)
            assert "failed" not in said, said
        if "segno" in text:
            machine.wechat.pay(order)
    assert (order != "", code != "") == (True, True)


def paid(machine: Machine, order: str) -> bool:
    key = (machine.folder / "shop.key").read_text().strip()
    assert (machine.folder / "shop.key").stat().st_mode & 0o077 == 0

    def is_paid() -> bool:
        address = f"{machine.origin}/merchant/v1/orders/{order}"
        with fetch(address, Authorization=f"Bearer {key}") as found:
            return json.load(found)["status"] == "PAID"

    until(is_paid)
    return True
