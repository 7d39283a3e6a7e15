"""What every answer has in common, and the addresses for machines that watch over us."""

from __future__ import annotations

import json

import pytest
from tornado.httpclient import HTTPResponse

from handlers.routes import ROUTES
from tests.auth.test_roles import examples
from tests.support.rig import Product, product

pytestmark = pytest.mark.one_database

SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def check(answer: HTTPResponse, path: str, *, https: bool) -> None:
    for name, value in SAFE.items():
        assert answer.headers.get(name) == value, (path, name)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy, path
    assert "frame-ancestors 'none'" in policy, path
    assert "unsafe" not in policy
    assert "geolocation=()" in answer.headers["Permissions-Policy"]
    assert answer.headers["Cache-Control"] in ("no-store", "no-cache"), path
    assert "Server" not in answer.headers, path
    assert ("Strict-Transport-Security" in answer.headers) == https, path
    assert b"Traceback" not in answer.body


async def knock_everywhere(shop: Product, **headers: str) -> list[tuple[str, HTTPResponse]]:
    paths = [next(examples(route.path)) for route in ROUTES]
    paths += ["/nosuch", "/api/v1/nosuch", "/.git/config", "/debug", "/orders/%ff"]
    methods = ("GET", "POST", "DELETE", "BREW")
    return [
        (f"{method} {path}", await shop.fetch(path, method, None, headers))
        for path in paths
        for method in methods
    ]


@pytest.mark.gen_test
async def test_every_answer_carries_the_safe_headers_and_no_name_of_ours(tmp_path):
    async with product(tmp_path) as shop:
        for path, answer in await knock_everywhere(shop):
            assert answer.code < 500, path
            check(answer, path, https=False)


@pytest.mark.gen_test
async def test_the_files_of_the_page_carry_them_too(tmp_path):
    async with product(tmp_path) as shop:
        for path in ("icon.svg", "nosuch.js", "../settings.py", "%2e%2e/settings.py", ""):
            for method in ("GET", "POST"):
                answer = await shop.fetch(f"/static/{path}", method)
                assert answer.code in ((200, 403, 404) if method == "GET" else (405,))
                check(answer, path, https=False)


@pytest.mark.gen_test
async def test_over_https_every_answer_says_that_it_stays_so(tmp_path):
    async with product(tmp_path, PUBLIC_ORIGIN="https://pay.example.com") as shop:
        for path, answer in await knock_everywhere(shop, Host="pay.example.com"):
            check(answer, path, https=True)


@pytest.mark.gen_test
async def test_a_program_is_told_in_json_that_there_is_nothing(tmp_path):
    async with product(tmp_path) as shop:
        for method, path in (
            ("GET", "/api/v1/nosuch"),
            ("POST", "/api/v1/orders/x/nosuch"),
            ("GET", "/pay/nosuch"),
            ("POST", "/merchant/v1/nosuch"),
            ("DELETE", "/nosuch"),
            ("POST", "/weixin/nosuch"),
        ):
            answer = await shop.fetch(path, method)
            body = json.loads(answer.body)
            assert (answer.code, body["error"]) == (404, "not_found"), path
            assert set(body) == {"error", "message", "requestId"}
        page = await shop.fetch("/nosuch<script>")
        assert page.code == 404
        assert page.headers["Content-Type"].startswith("text/html")
        assert b"nosuch" not in page.body


@pytest.mark.gen_test
async def test_a_page_allows_only_its_own_scripts_and_a_new_nonce_each_time(tmp_path):
    async with product(tmp_path) as shop:
        await shop.user()
        first, second = [await shop.fetch("/login") for _ in range(2)]
        policies = [answer.headers["Content-Security-Policy"] for answer in (first, second)]
        assert policies[0] != policies[1]
        nonce = policies[0].split("'nonce-")[1].split("'")[0]
        assert nonce.encode() in first.body
        assert nonce.encode() not in second.body
        for word in ("base-uri 'none'", "form-action 'self'", "require-trusted-types-for 'script'"):
            assert word in policies[0]
        for path in ("/", "/alerts", "/alerts/7", "/orders", "/orders/x"):
            answer = await shop.fetch(path)
            assert (answer.code, answer.headers["Location"]) == (302, f"/login?next={path}")


@pytest.mark.gen_test
async def test_the_metrics_are_for_a_direct_caller_on_this_machine(tmp_path):
    async with product(tmp_path) as shop:
        answer = await shop.fetch("/metrics")
        assert answer.code == 200
        assert b"paywatch_notifies_total" in answer.body
        for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Forwarded-Proto", "Via"):
            answer = await shop.fetch("/metrics", headers={name: "127.0.0.1"})
            assert (answer.code, json.loads(answer.body)["error"]) == (403, "forbidden"), name


@pytest.mark.gen_test
async def test_the_metrics_token_opens_them_for_its_bearer_alone(tmp_path):
    async with product(tmp_path, METRICS_TOKEN="a-long-token") as shop:
        for given, code in (
            ("Bearer a-long-token", 200),
            ("Bearer a-long-toke", 403),
            ("Bearer ", 403),
            ("", 403),
            ("a-long-token", 403),
            ("Bearer \xe9", 403),
        ):
            headers = {"Authorization": given, "X-Forwarded-For": "198.51.100.7"}
            assert (await shop.fetch("/metrics", headers=headers)).code == code, given


@pytest.mark.gen_test
async def test_health_says_alive_and_ready(tmp_path):
    async with product(tmp_path) as shop:
        assert json.loads((await shop.fetch("/healthz")).body) == {"alive": True}
        ready = await shop.fetch("/readyz", headers={"Host": "10.0.0.5"})
        assert ready.code == 200
        report = json.loads(ready.body)
        assert report == {"ready": True, "database": "writable", "redis": "not used"}
        assert await shop.events() == []


@pytest.mark.gen_test
async def test_redis_away_is_reported_and_not_needed(tmp_path):
    async with product(tmp_path, REDIS_URL="redis://127.0.0.1:1/0") as shop:
        order = await shop.order()
        await shop.pay(order["orderNum"])
        ready = await shop.fetch("/readyz")
        report = json.loads(ready.body)
        assert (ready.code, report["ready"], report["redis"]) == (200, True, "down")


@pytest.mark.gen_test
async def test_an_error_names_the_request_as_the_log_does(tmp_path, caplog):
    async with product(tmp_path) as shop:
        num = (await shop.order())["orderNum"]
        with caplog.at_level("INFO"):
            answer = await shop.prepay(num)
        request_id = json.loads(answer.body)["requestId"]
        assert answer.code == 504
        assert request_id == answer.headers["X-Request-Id"]
        assert any(request_id in record.getMessage() for record in caplog.records)
