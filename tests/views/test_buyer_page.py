"""The status address in a browser: a page with the customer's sentence; JSON for all others."""

from __future__ import annotations

import html
import json
import re

import pytest
from tornado.httpclient import HTTPResponse

from handlers.accept_headers import best_language, likes_page
from tests.support.rig import Console, Product, product

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
SHOP = "https://shop.example.com"


@pytest.mark.parametrize(
    ("header", "page"),
    [
        (BROWSER, True),
        ("text/html", True),
        ("TEXT/HTML;charset=utf-8", True),
        ("text/html;level=1;q=0.9, application/json;q=0.9", True),
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("application/json, text/plain, */*", False),
        ("application/json, text/html;q=0.9", False),
        ("text/html;q=0.4, */*", False),
        ("text/html;q=0", False),
        ("text/html;q=nan, */*;q=0", False),
        ("text/*, application/xhtml+xml", False),
    ],
)
def test_only_who_likes_html_best_gets_the_page(header: str, page: bool) -> None:
    assert likes_page(header) is page


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "zh-CN"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("fr-FR, en;q=0.5, zh;q=0.4", "en"),
        ("de", "zh-CN"),
        ("*", "zh-CN"),
        ("en;q=0", "zh-CN"),
        ("zh-HK;q=0.5,EN;q=0.7", "en"),
    ],
)
def test_the_language_is_the_one_the_reader_likes_more_and_chinese_by_default(header, language):
    assert best_language(header) == language


async def page(shop: Product, url: str, language: str = "zh-CN") -> HTTPResponse:
    return await shop.fetch(url, headers={"Accept": BROWSER, "Accept-Language": language})


def shown(answer: HTTPResponse) -> str:
    """The text of the page in one line."""
    text = re.sub(r"<style.*?</style>", "", answer.body.decode(), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


async def said(console: Console, order_num: str) -> dict[str, str]:
    answer = await console.fetch(f"orders/{order_num}")
    told: dict[str, str] = json.loads(answer.body)["say"]
    return told


@pytest.mark.gen_test
async def test_the_buyer_reads_the_sentence_that_the_staff_copy(tmp_path):
    async with product(tmp_path, wechat=True) as shop:
        bob = await shop.user("bob")
        buyer = {"phone": "13812345678", "customer": "张三", "title": "张三的茶"}
        order = await shop.order(**buyer)
        num, url = order["orderNum"], order["statusUrl"]
        heads = []
        for deed in (None, shop.prepay, shop.pay):
            if deed:
                await deed(num)
            told = await said(bob, num)
            for language, greeting in (("zh-CN", "您好，"), ("en", "Hello. ")):
                answer = await page(shop, url, language)
                assert answer.code == 200
                words = shown(answer).replace("。 ", "。")
                assert told[language].removeprefix(greeting) in words
                assert num in words
                assert "¥88.00" in words
                assert not re.search(r"[\\{}%]", words), "nothing of the template is left"
                assert not re.search("张三|13812345678|4200", answer.body.decode())
                assert f'<html lang="{language}">' in answer.body.decode()
                heads.append(re.findall("<h1>(.*?)</h1>", answer.body.decode())[0])
        assert heads[::2] == ["还没有付款", "正在核实", "已付款"]
        assert heads[1::2] == ["Not paid yet", "Being checked", "Paid"]


@pytest.mark.gen_test
async def test_the_page_needs_no_script_and_loads_nothing(tmp_path):
    async with product(tmp_path) as shop:
        answer = await page(shop, (await shop.order())["statusUrl"])
        body, headers = answer.body.decode(), answer.headers
        assert headers["Content-Type"] == "text/html; charset=utf-8"
        assert headers["Content-Language"] == "zh-CN"
        policy = dict(
            part.strip().partition(" ")[::2]
            for part in headers["Content-Security-Policy"].split(";")
        )
        nonce = policy.pop("style-src").strip("'").removeprefix("nonce-")
        assert re.findall('<style nonce="(.*?)">', body) == [nonce]
        assert policy == dict.fromkeys(
            ("default-src", "base-uri", "form-action", "frame-ancestors"), "'none'"
        )
        assert not re.search(r"<script|<img|<link|<form|style=|\son\w+=|https?://", body)
        assert 'name="viewport"' in body
        assert "prefers-color-scheme: dark" in body
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Robots-Tag"] == "noindex"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert len(answer.body) < 6_000


@pytest.mark.gen_test
async def test_a_cache_keeps_the_page_its_languages_and_the_json_apart(tmp_path):
    async with product(tmp_path, SHOP_ORIGINS=SHOP) as shop:
        url = (await shop.order())["statusUrl"]
        varies = {"Origin", "Accept", "Accept-Language"}
        assert set(re.split(r",\s*", (await page(shop, url)).headers["Vary"])) == varies
        for accept in ({}, {"Accept": "*/*"}, {"Accept": "application/json"}):
            answer = await shop.fetch(url, headers={"Origin": SHOP, **accept})
            assert json.loads(answer.body)["status"] == "INIT"
            assert answer.headers["Vary"] == "Origin, Accept"
            known = {"If-None-Match": answer.headers["ETag"], **accept}
            assert (await shop.fetch(url, headers=known)).code == 304


@pytest.mark.gen_test
async def test_without_an_order_the_page_says_so_in_the_readers_language(tmp_path):
    async with product(tmp_path) as shop:
        url = (await shop.order())["statusUrl"]
        answers = [
            await page(shop, wrong, "en")
            for wrong in (url + "x", url.partition("?")[0], url.replace("/orders/", "/orders/X"))
        ]
        assert {answer.code for answer in answers} == {404}
        assert len({shown(answer) for answer in answers}) == 1, (
            "none tells whether the order is there"
        )
        assert "No such order" in shown(answers[0])
        assert "找不到这笔订单" in shown(await page(shop, url + "x"))
        assert (await page(shop, url + "&token=twice")).code == 400
        sent = await shop.fetch(url, "POST", {}, {"Accept": BROWSER})
        assert (sent.code, json.loads(sent.body)["error"]) == (405, "method_not_allowed")


@pytest.mark.gen_test
async def test_a_demo_says_that_no_money_moves(tmp_path):
    async with product(tmp_path, MODE="simulation") as shop:
        url = (await shop.order())["statusUrl"]
        assert "模拟环境" in shown(await page(shop, url))
        assert "no real money" in shown(await page(shop, url, "en"))
