"""The case of a notify that names an unknown key says which, and what to do about that key."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.notify.test_v3_rows import notify_v3, v3_product, with_header

PUBLIC, UNKNOWN = "PUB_KEY_ID_0119000001092026113000000000000001", "5F" * 20


@pytest.mark.one_database
@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("serial", "cause", "word"),
    [
        (PUBLIC, "signature_public_key", "public_key"),
        (UNKNOWN, "signature_unknown_serial", "unknown_serial"),
    ],
)
async def test_the_key_that_a_notify_claims_is_shown(
    tmp_path: Path, serial: str, cause: str, word: str
) -> None:
    async with v3_product(tmp_path, by_hand=True) as shop:
        answer = await notify_v3(shop, *with_header("Wechatpay-Serial", serial))
        assert answer.code == 401
        (case,) = (await (await shop.user()).get("alerts?kind=bad_signature"))["alerts"]
        evidence = case["evidence"]
        assert (evidence["code"], case["actual"]) == (cause, word)
        assert {row["name"]: row["wechat"] for row in evidence["fields"]}["serial"] == serial
