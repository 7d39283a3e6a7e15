"""The folder of keys sets up both sides, for its owner only; odd settings are named."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.x509 import load_pem_x509_certificate

from payments.merchant import Api
from payments.v3 import signing
from simulator import options
from simulator.options import BadOption
from simulator.state import key_folder
from tests.support.simulator_rig import MERCHANT, merchant_v3, wechats

IDS = {
    "PAYWATCH_WECHAT_APP_ID": MERCHANT.app_id,
    "PAYWATCH_WECHAT_MCH_ID": MERCHANT.mch_id,
}
V2 = {**IDS, "PAYWATCH_WECHAT_API_V2_KEY": MERCHANT.api_v2_key}


def v3() -> dict[str, str]:
    ours = merchant_v3()
    return {
        **IDS,
        "PAYWATCH_WECHAT_API_V3_KEY": ours.api_v3_key,
        "PAYWATCH_WECHAT_MERCHANT_SERIAL": ours.serial,
        "PAYWATCH_WECHAT_MERCHANT_KEY": ours.private_key,
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made by the simulator once."""
    made = tmp_path_factory.mktemp("play") / "keys"
    command = [sys.executable, "-m", "simulator", "--keys", str(made), "--keys-only"]
    done = subprocess.run(command, env={**os.environ, **IDS}, timeout=30, check=False)
    assert done.returncode == 0
    return made


def set_up(folder: Path) -> dict[str, str]:
    """What a shell has after reading the file."""
    lines = (folder / key_folder.ENVIRONMENT).read_text().splitlines()
    return {name: value.strip("'") for name, value in (line.split("=", 1) for line in lines)}


def test_the_folder_is_for_its_owner_only(folder: Path) -> None:
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_both_sides_of_the_folder_fit_each_other(folder: Path) -> None:
    chosen = options.read(["--keys", str(folder)], {**IDS, **set_up(folder)})
    assert chosen.merchant == options.read(["--keys", str(folder)], IDS).merchant
    assert chosen.material is not None
    ours = chosen.merchant
    assert ours.api is Api.V3
    certificate = load_pem_x509_certificate(ours.client_cert.encode())
    assert certificate.public_key() == signing.private_key(ours.private_key).public_key()
    assert f"{certificate.serial_number:X}" == ours.serial
    assert len(ours.serial) == 40  # as WeChat's: a shorter one is written in two ways
    ((number, pem),) = ours.public_keys
    private = signing.private_key(chosen.material.public_key.private)
    assert (number, signing.public_key(pem)) == (
        chosen.material.public_key.serial,
        private.public_key(),
    )


def test_the_folder_stays_as_it_is_once_made(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    options.read(["--keys", str(folder)], IDS)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_folder_that_was_left_half_made_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "apiclient_key.pem").write_text("half")
    assert options.read(["--keys", str(tmp_path)], V2).merchant.private_key.startswith("-----")


def test_with_a_key_of_api_v2_that_stays_the_interface(folder: Path) -> None:
    chosen = options.read(["--keys", str(folder)], {**V2, **set_up(folder)})
    assert chosen.merchant.api is Api.V2
    wanted = {**V2, "PAYWATCH_WECHAT_API": "v3"}
    assert options.read(["--keys", str(folder)], wanted).merchant.api is Api.V3


def test_what_api_v3_needs_can_be_given_without_a_folder() -> None:
    chosen = options.read([], v3())
    assert (chosen.merchant.api, chosen.merchant.serial) == (Api.V3, merchant_v3().serial)
    assert chosen.merchant.private_key not in repr(chosen)
    assert chosen.merchant.api_v3_key not in repr(chosen)


@pytest.mark.parametrize(
    ("arguments", "changes", "word"),
    [
        ([], {"PAYWATCH_WECHAT_API": "v4"}, "PAYWATCH_WECHAT_API"),
        ([], {"PAYWATCH_WECHAT_API": "v2"}, "PAYWATCH_WECHAT_API_V2_KEY"),
        ([], {"PAYWATCH_WECHAT_API_V3_KEY": "short"}, "PAYWATCH_WECHAT_API_V3_KEY"),
        ([], {"PAYWATCH_WECHAT_MERCHANT_KEY": "no PEM"}, "PAYWATCH_WECHAT_MERCHANT_KEY"),
        ([], {"PAYWATCH_WECHAT_MERCHANT_SERIAL": ""}, "belong together"),
        ([], {"PAYWATCH_WECHAT_PUBLIC_KEY_ID": "PUB_KEY_ID_1"}, "belong together"),
        (["--keys-only"], {}, "--keys"),
        (["--keys", "/dev/null/keys"], {}, "--keys"),
    ],
)
def test_an_odd_setting_of_api_v3_is_named(
    arguments: list[str], changes: dict[str, str], word: str
) -> None:
    with pytest.raises(BadOption, match=word):
        options.read(arguments, {**v3(), **changes})


def test_a_public_key_that_nobody_can_sign_for_is_refused(folder: Path) -> None:
    strange = {
        "PAYWATCH_WECHAT_PUBLIC_KEY_ID": wechats().public_key.serial,
        "PAYWATCH_WECHAT_PUBLIC_KEY": wechats().public_key.public,
    }
    for arguments in ([], ["--keys", str(folder)]):
        with pytest.raises(BadOption, match="PAYWATCH_WECHAT_PUBLIC_KEY"):
            options.read(arguments, {**v3(), **strange})
