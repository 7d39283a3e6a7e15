"""The chat bots of WeCom, DingTalk and Feishu, each against a server that behaves as it does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from services.alerts.bots import BOT_ORIGINS, Bot, NotSent, read_answer
from services.alerts.channels import Channel, Channels
from services.alerts.outbox import LONGEST_DELAY_MS
from tests.alerts.bot_server import (
    DINGTALK_SECRET,
    DINGTALK_TOKEN,
    FEISHU_TOKEN,
    WECOM_KEY,
    Bots,
    chat_bots,
)
from tests.alerts.test_outbox import mismatch, quiet, states
from tests.support.hook import Ahead, webhook
from tests.support.rig import product

WECOM = f"wecombot://{WECOM_KEY}"
DINGTALK = f"dingtalk://{DINGTALK_SECRET}@{DINGTALK_TOKEN}"
FEISHU = f"feishu://{FEISHU_TOKEN}"
NATIVE = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=wrong-key-0123456789"


def at(bots: Bots) -> dict[str, str]:
    return dict.fromkeys(BOT_ORIGINS, bots.origin)


async def sent(bots: Bots, url: str, text: str = "内容 content") -> NotSent | None:
    channels = Channels([url], at(bots))
    return await channels.send(channels.channels[0], "标题", text)


@pytest.mark.parametrize("url", [WECOM, DINGTALK, FEISHU])
@pytest.mark.one_database
@pytest.mark.gen_test
async def test_a_message_arrives_with_its_title(url: str) -> None:
    async with chat_bots() as bots:
        assert await sent(bots, url) is None
        assert bots.texts == ["标题\n内容 content"]


@pytest.mark.parametrize(
    ("url", "reason", "words"),
    [
        (
            "wecombot://wrong-key-0123456789",
            "refused_93000",
            "invalid webhook url, hint: [1], key …",
        ),
        (f"dingtalk://{DINGTALK_SECRET}@{'0' * 64}", "refused_300001", "token is not exist"),
        (f"dingtalk://{'SEC' + '0' * 64}@{DINGTALK_TOKEN}", "refused_310000", "sign not match"),
        (f"dingtalk://{DINGTALK_TOKEN}", "refused_310000", "invalid timestamp"),
        (NATIVE, "refused_93000", "invalid webhook url, hint: [1], key …"),
        ("feishu://0000-1111", "refused_19001", "param invalid: incoming webhook"),
    ],
    ids=["WeCom", "DingTalk's token", "its secret", "no secret", "its own address", "Feishu"],
)
@pytest.mark.one_database
@pytest.mark.gen_test
async def test_a_bot_that_refuses_is_heard_though_it_answers_200(
    url: str, reason: str, words: str
) -> None:
    async with chat_bots() as bots:
        assert await sent(bots, url) == NotSent(reason, words)
        assert bots.texts == []


@pytest.mark.parametrize(
    ("status", "body", "answer"),
    [
        (200, b'{"errcode":0,"errmsg":"ok"}', None),
        (200, b'{"StatusCode":0,"StatusMessage":"success"}', None),
        (200, b'{"errcode":45009,"errmsg":"api freq out of limit"}',
         NotSent("refused_45009", "api freq out of limit")),
        (200, b'{"code":9499,"msg":"Bad\\nRequest"}', NotSent("refused_9499", "Bad Request")),
        (200, b"<html>Please sign in</html>", NotSent("odd_answer")),
        (200, b"{}", NotSent("odd_answer")),
        (200, b'{"errcode":"0"}', NotSent("odd_answer")),
        (200, b"[" * 100_000, NotSent("odd_answer")),
        (502, b"Bad Gateway", NotSent("http_502")),
        (302, b"", NotSent("http_302")),
    ],
)  # fmt: skip
def test_the_code_in_the_answer_decides(status: int, body: bytes, answer: NotSent | None) -> None:
    assert read_answer(Bot("NotifyWeComBot", "key"), status, body) == answer


def test_the_key_is_in_no_word_of_the_bot() -> None:
    bot = Bot("NotifyDingTalk", "TOKEN-1", "SECRET-2")
    answer = read_answer(bot, 200, b'{"errcode":1,"errmsg":"TOKEN-1 SECRET-2 \\u001b[31m"}')
    assert answer == NotSent("refused_1", "… … [31m")


def test_a_text_is_cut_to_what_wecom_takes_by_whole_characters() -> None:
    body = json.loads(Bot("NotifyWeComBot", "k").message("标题", "款" * 2000))
    content = body["text"]["content"]
    assert len(content.encode()) <= 2048
    assert content.endswith("款…")


@pytest.mark.gen_test
async def test_a_refused_message_is_tried_again_and_told(tmp_path: Path) -> None:
    clock = Ahead()
    async with (
        chat_bots() as bots,
        product(tmp_path, by_hand=True, clock=clock, NOTIFY_URLS=WECOM) as shop,
    ):
        alice = await shop.user()
        shop.running.services.outbox._channels.bot_origins = at(bots)
        bots.refusals = [{"errcode": 45009, "errmsg": "api freq out of limit"}] * 2
        await mismatch(shop)
        await quiet(shop)
        assert await states(shop) == [("waiting", 1, "refused_45009")]
        (case,) = (await alice.get("alerts?kind=system"))["alerts"]
        assert case["evidence"]["code"] == "channel_broken"
        assert case["evidence"]["values"]["reason"] == "refused_45009"
        for attempt in (2, 3):
            clock.ms += LONGEST_DELAY_MS
            await quiet(shop)
            assert len(bots.texts) == attempt - 2
        assert (await states(shop))[0] == ("sent", 3, None)


@pytest.mark.gen_test
async def test_a_test_shows_the_words_of_the_bot(tmp_path: Path) -> None:
    urls = f"{WECOM}\n{DINGTALK}\nfeishu://0000-1111"
    async with chat_bots() as bots, product(tmp_path, by_hand=True, NOTIFY_URLS=urls) as shop:
        shop.running.services.outbox._channels.bot_origins = at(bots)
        alice = await shop.user()
        answer = json.loads((await alice.post("settings/notify/test", {})).body)
        said = [(each["ok"], each["reason"], each["words"]) for each in answer["channels"]]
        assert said == [
            (True, None, ""),
            (True, None, ""),
            (False, "refused_19001", "param invalid: incoming webhook"),
        ]


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_no_channel_follows_a_redirect() -> None:
    async with chat_bots() as bots, webhook() as hook:
        bots.redirect = True
        assert await sent(bots, WECOM) == NotSent("http_307")
        hook.answers = [307]
        hook.location = f"{bots.origin}/elsewhere"
        any_hook: Any = Channels([hook.url])
        refusal = await any_hook.send(Channel(hook.url), "t", "x")
        assert refusal == NotSent("http_307")
        assert bots.texts == []
