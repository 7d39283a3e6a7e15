#!/usr/bin/env bash
# wechatpy 1.8.18: the order number that WeChatPay.order.create makes when the caller gives none.
#
# Guess, written before the run: an SDK that makes the merchant's order number itself makes one that
# does not come twice, or at least not for two orders of one merchant in one second.
#
# What happens: the number is the merchant number, the second (in China) and one of 9,001 numbers drawn
# at random. 9,002 orders in one second must therefore hold a number twice; in one run the
# first repeat came with order 152. To WeChat the second order of a number with another amount is an
# error, and with the same amount and parameters it is the first order once more: two buyers pay one.
#
# Source: the package itself (wechatpy/pay/api/order.py, create); WeChat's rule that out_trade_no is
# unique within a merchant number (doc of the unified order, field out_trade_no).
#
# Runs without a network but for the package index; sends nothing to WeChat.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check 'wechatpy[cryptography]==1.8.18' 2>/dev/null

"$folder/venv/bin/python" - <<'PYTHON'
import sys
import time
from importlib.metadata import version
from unittest.mock import patch

from wechatpy.pay import WeChatPay

sent = []


class Unsent(WeChatPay):
    def post(self, url, **kwargs):
        sent.append(kwargs["data"]["out_trade_no"])
        return {}


pay = Unsent(appid="wx8888888888888888", api_key="0" * 32, mch_id="1900000109")
with patch("time.time", return_value=time.time()):  # all in one second
    for _ in range(9_002):
        pay.order.create("NATIVE", "tea", 8800, "https://shop.example/notify", client_ip="203.0.113.9")

seen, first = set(), None
for n, number in enumerate(sent, 1):
    if number in seen:
        first = n
        break
    seen.add(number)
print(f"wechatpy {version('wechatpy')}: of {len(sent)} orders in one second {len(set(sent))} numbers")
print(f"numbers look like {sent[0]}; the first repeat is order {first}")
sys.exit(0 if first else "no number came twice: this has changed")
PYTHON
