"""API v3 of the simulator: faults on its answers, and which of WeChat's keys signs them."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest
from cryptography.x509 import load_pem_x509_certificate
from tornado.simple_httpclient import HTTPStreamClosedError

from payments.errors import BadSignature
from payments.merchant import Merchant
from payments.v3 import resource, signing
from simulator.state.trades import TradeState
from tests.simulator.test_v3 import BY_ORDER, close, query, said
from tests.support.simulator_rig import (
    MERCHANT,
    ORDER_NUM,
    Rig,
    merchant_v3,
    proven,
    run,
    run_v3,
    wechats,
)

# --- faults --------------------------------------------------------------------------------------

BROKEN = {
    "unsigned": "missing",
    "wrong_signature": "wrong",
    "unknown_serial": "unknown_serial",
    "stale": "stale",
}


@pytest.mark.parametrize("kind", BROKEN)
def test_an_answer_with_a_spoiled_proof_proves_nothing(kind: str) -> None:
    async def test(rig: Rig) -> None:
        await rig.control("faults", on="unifiedorder", fault=kind, orderNum=ORDER_NUM)
        with pytest.raises(BadSignature) as refused:
            proven(await rig.order_v3())
        assert refused.value.reason == BROKEN[kind]
        assert "code_url" in proven(await rig.order_v3())  # and WeChat had done its work

    run_v3(test)


def test_the_other_faults_spoil_answers_of_this_interface_too() -> None:
    async def test(rig: Rig) -> None:
        await rig.order_v3()
        await rig.control("faults", on="orderquery", fault="garbage")
        assert (await query(rig)).body.startswith(b"<!DOCTYPE html>")
        await rig.control("faults", on="orderquery", fault="error_500")
        assert (await query(rig)).status == 500
        await rig.control("faults", on="orderquery", fault="redirect")
        assert (await query(rig)).status == 307
        await rig.control("faults", on="orderquery", fault="other_merchant")
        assert proven(await query(rig))["mchid"] == "1999999999"
        await rig.control("faults", on="orderquery", fault="too_large")
        assert len((await query(rig)).body) == 128 * 1024
        await rig.control("faults", on="closeorder", fault="lost")
        with pytest.raises(HTTPStreamClosedError):
            await close(rig)
        trade = rig.world.trades.by_order(ORDER_NUM)
        assert trade is not None
        assert trade.state is TradeState.CLOSED

    run_v3(test)


def test_a_fault_that_this_interface_cannot_have_waits_for_the_other() -> None:
    async def test(rig: Rig) -> None:
        await rig.control("faults", on="unifiedorder", fault="stale")
        assert (await rig.order(merchant_v3(), out_trade_no="T2")).url
        await rig.control("faults", on="unifiedorder", fault="other_merchant")
        with pytest.raises(BadSignature):
            proven(await rig.order_v3())
        assert "code_url" in proven(await rig.order_v3())
        (left,) = rig.world.faults.as_json()
        assert left["fault"] == "other_merchant"

    run_v3(test)


# --- keys ----------------------------------------------------------------------------------------


async def serial_used(rig: Rig, **headers: str) -> str:
    path = f"{BY_ORDER}?mchid={MERCHANT.mch_id}"
    answer = await rig.call_v3("GET", path, **headers)
    proven(answer)
    return answer.headers["wechatpay-serial"]


def test_an_answer_is_signed_with_the_key_that_the_request_names() -> None:
    async def test(rig: Rig) -> None:
        ours = wechats()
        for signer in ours:
            named = {"Wechatpay-Serial": signer.serial}
            assert await serial_used(rig, **named) == signer.serial
        assert await serial_used(rig) == ours.public_key.serial

    run_v3(test)


def test_the_switch_says_which_key_signs_and_which_certificates_are_listed() -> None:
    async def test(rig: Rig) -> None:
        ours = wechats()
        assert await listed(rig) == [ours.certificate.serial]
        await rig.control("keys", use="certificate")
        assert await serial_used(rig) == ours.certificate.serial
        await rig.control("keys", announce="next_certificate")
        assert await listed(rig) == [ours.certificate.serial, ours.next_certificate.serial]
        assert await serial_used(rig) == ours.certificate.serial
        await rig.control("keys", use="next_certificate", retire="certificate")
        assert await serial_used(rig) == ours.next_certificate.serial
        assert await listed(rig) == [ours.next_certificate.serial]
        await rig.control("keys", use="public_key", retire="next_certificate")
        assert said(await rig.call_v3("GET", "/v3/certificates")) == (404, "RESOURCE_NOT_EXISTS")

    run_v3(test)


async def listed(rig: Rig) -> list[str]:
    """The serials in the list; each certificate opens with the API v3 key and is what it says."""
    found = []
    for entry in proven(await rig.call_v3("GET", "/v3/certificates"))["data"]:
        sealed = entry["encrypt_certificate"]
        plain, _ = resource.open_sealed(
            sealed["ciphertext"], sealed["nonce"], sealed["associated_data"], merchant_v3().v3_keys
        )
        assert f"{load_pem_x509_certificate(plain).serial_number:X}" == entry["serial_no"]
        found.append(entry["serial_no"])
    return found


@pytest.mark.parametrize(
    "wanted",
    [{}, {"use": "mine"}, {"announce": "public_key"}, {"retire": "certificate"}, {"add": "x"}],
)
def test_an_odd_switch_is_refused(wanted: dict[str, str]) -> None:
    async def test(rig: Rig) -> None:
        await rig.control("keys", use="certificate")
        body = json.dumps(wanted)
        assert (await rig.fetch("/_control/keys", method="POST", body=body)).code == 400
        assert await serial_used(rig) == wechats().certificate.serial

    run_v3(test)


def test_without_keys_given_it_makes_its_own_and_gives_them_away() -> None:
    async def test(rig: Rig) -> None:
        answer = await rig.fetch("/_control/keys")
        told = json.loads(answer.body)
        assert told["using"] == "certificate"
        keys = {
            told["publicKeyId"]: signing.public_key(told["publicKey"]),
            told["certificateSerial"]: signing.public_key(told["certificate"]),
        }
        done = await rig.call_v3("GET", "/v3/certificates")
        now = int(time.time())
        assert signing.verify(done.headers, done.body, keys, now) == told["certificateSerial"]
        assert b"PRIVATE" not in answer.body

    run(test, merchant=replace(merchant_v3(), public_keys=()))


def test_a_merchant_without_a_key_of_its_own_is_heard_on_api_v2_alone() -> None:
    async def test(rig: Rig) -> None:
        assert (await rig.order()).url
        answer = await rig.order_v3()
        assert answer.status == 401

    run(test, merchant=Merchant(MERCHANT.app_id, MERCHANT.mch_id, MERCHANT.api_v2_key))


def test_a_restricted_merchant_is_refused_before_an_order_is_made() -> None:
    async def test(rig: Rig) -> None:
        await rig.control("faults", on="unifiedorder", fault="restricted", orderNum=ORDER_NUM)
        answer = await rig.order_v3()
        refused = proven(answer)
        assert (answer.status, refused["code"]) == (403, "RULE_LIMIT")
        assert rig.world.trades.by_order(ORDER_NUM) is None
        assert "code_url" in proven(await rig.order_v3())

    run_v3(test)
