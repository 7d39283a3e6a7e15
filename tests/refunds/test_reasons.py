"""The reason of a refund is the buyer's to read, and the staff read it in their own language."""

from __future__ import annotations

import re

from services.refunds import receipt_ops
from tests.support.command_process import ROOT


def test_the_console_has_words_for_each_reason_that_is_written_for_a_buyer() -> None:
    source = (ROOT / "static" / "js" / "values" / "refund-reason.js").read_text("utf-8")
    for reason, text in receipt_ops._TOLD.items():
        assert f"'{text}'" in source, reason
    chinese = (ROOT / "static" / "js" / "words" / "zh" / "money.js").read_text("utf-8")
    for code in ("cancelled", "unserved", "twice", "amount"):
        (word,) = re.findall(rf"'refund\.reason\.{code}': ('.*'),", chinese)
        assert f"{code}: {word}" in source, "the clerk and the buyer read the same"
