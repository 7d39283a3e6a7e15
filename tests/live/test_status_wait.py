"""The page that waits with `wait`: told when the status changes, and at the latest when its time
is over; and what does not make it wait."""

from __future__ import annotations

import asyncio
import json
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest
from tornado.httpclient import HTTPResponse

from models.database import open_database
from models.store import READERS
from payments.states import OrderStatus
from services.live.feed import EventsWanted
from services.live.waiters import ANY, MOST_AN_ORDER, Waiter, Waiters
from tests.support.notify_rig import put
from tests.support.patience import PATIENCE_S
from tests.support.rig import ABNORMAL, SUCCESS, Product, product, transaction, until

pytestmark = pytest.mark.one_database

Asked = asyncio.Task[HTTPResponse]


def ask(shop: Product, url: str, **headers: str) -> Asked:
    """A page that waits as long as it may."""
    return asyncio.create_task(shop.fetch(url + "&wait=20", headers=headers))


async def ask_knowing(shop: Product, url: str) -> Asked:
    """A page that says what it knows, so that it is told of any change since."""
    return ask(shop, url, **{"If-None-Match": (await shop.fetch(url)).headers["ETag"]})


async def waiting(shop: Product, count: int) -> None:
    async def are() -> bool:
        return len(shop.running.services.waiters) == count

    await until(are)


async def told(asked: Asked) -> tuple[int, str]:
    """What a page was told, long before its own time was over."""
    async with asyncio.timeout(18):
        answer = await asked
    return answer.code, json.loads(answer.body)["status"] if answer.body else ""


@pytest.mark.gen_test
async def test_a_waiting_page_is_told_of_every_change_when_it_comes(tmp_path: Path) -> None:
    async with product(tmp_path, wechat=True) as shop:
        paid, closed = await shop.order(), await shop.order()
        asked = [await ask_knowing(shop, order["statusUrl"]) for order in (paid, closed)]
        await waiting(shop, 2)
        await shop.prepay(paid["orderNum"])
        assert await told(asked[0]) == (200, "WAIT_PAY")
        asked[0] = ask(shop, paid["statusUrl"])
        await waiting(shop, 2)
        assert await shop.pay(paid["orderNum"]) == SUCCESS
        assert await told(asked[0]) == (200, "PAID")
        assert not asked[1].done()  # the other's news are not its own
        await shop.merchant(f"orders/{closed['orderNum']}/close", "POST")
        assert await told(asked[1]) == (200, "CLOSED")
        assert (await asked[0]).headers["ETag"] != (await asked[1]).headers["ETag"]
        await waiting(shop, 0)


@pytest.mark.gen_test
async def test_news_that_change_no_status_end_no_wait(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        order = await shop.order()
        asked = ask(shop, order["statusUrl"])
        await waiting(shop, 1)
        assert await shop.pay(order["orderNum"], total_fee="1") == ABNORMAL
        assert (await shop.prepay(order["orderNum"])).code == 504
        assert (await shop.events())[-1]["kind"] == "prepay.failed"
        await asyncio.sleep(0.3)  # in which it would have been told
        assert not asked.done()
        assert await shop.pay(order["orderNum"]) == SUCCESS
        assert await told(asked) == (200, "PAID")


@pytest.mark.gen_test
async def test_a_page_that_knows_an_etag_waits_for_another(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        order = await shop.order()
        url, num = order["statusUrl"], order["orderNum"]
        etag = (await shop.fetch(url)).headers["ETag"]
        assert await told(ask(shop, url, **{"If-None-Match": '"PAID-1"'})) == (200, "INIT")
        asked = ask(shop, url, **{"If-None-Match": etag})
        await waiting(shop, 1)
        assert await shop.pay(num) == SUCCESS
        assert await told(asked) == (200, "PAID")
        assert await told(ask(shop, url, **{"If-None-Match": etag})) == (200, "PAID")
        # Who knows that it is paid waits for what comes after that.
        asked = ask(shop, url, **{"If-None-Match": (await asked).headers["ETag"]})
        await waiting(shop, 1)
        await put(shop, num, OrderStatus.REFUNDING, "4200001")
        other = await shop.order(orderNum="OTHER-0001")
        assert await shop.pay(other["orderNum"]) == SUCCESS
        assert not asked.done()
        assert await shop.pay(num, total_fee="5") == ABNORMAL  # any event about the order
        assert await told(asked) == (200, "REFUNDING")


@pytest.mark.gen_test
async def test_when_nothing_changed_the_page_is_told_so_at_the_end(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        url = (await shop.order())["statusUrl"]
        answer = await shop.fetch(f"{url}&wait=1")
        assert (answer.code, json.loads(answer.body)["status"]) == (200, "INIT")
        known = {"If-None-Match": answer.headers["ETag"]}
        answer = await shop.fetch(f"{url}&wait=1", headers=known)
        assert (answer.code, answer.body, answer.headers["ETag"]) == (
            304,
            b"",
            known["If-None-Match"],
        )


@pytest.mark.gen_test
async def test_an_order_that_waits_for_no_payment_is_told_at_once(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        for status in sorted(set(OrderStatus) - {OrderStatus.INIT, OrderStatus.WAIT_PAY}):
            order = await shop.order()
            await put(shop, order["orderNum"], status, transaction())
            assert await told(ask(shop, order["statusUrl"])) == (200, status.value)


@pytest.mark.gen_test
async def test_what_is_refused_is_refused_at_once_and_all_the_same(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        order = await shop.order()
        address, token = order["statusUrl"].split("?token=")
        wrong = [
            f"{address}?a=b",
            f"{address}?token=",
            f"{address}?token={token[:-1]}0x",
            f"{shop.origin}/pay/orders/NoSuchOrder1/status?token={token}",
            f"{shop.origin}/pay/orders/short/status?token={token}",
            f"{shop.origin}/pay/orders/{'a' * 33}/status?token={token}",
        ]
        for url in wrong:
            async with asyncio.timeout(18):
                answer = await ask(shop, url)
            body = json.loads(answer.body)
            assert body.pop("requestId") == answer.headers["X-Request-Id"]
            assert (answer.code, body) == (
                404,
                {"error": "order_not_found", "message": "There is no such order."},
            ), url
        assert len(shop.running.services.waiters) == 0


@pytest.mark.gen_test
async def test_an_odd_wait_and_a_name_that_comes_twice_are_bad_requests(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        url = (await shop.order())["statusUrl"]
        token = url.split("token=")[1]
        odd = (
            "wait=21",
            "wait=-1",
            "wait=x",
            "wait=1.5",
            "wait=1e1",
            "wait=%D9%A3",
            "wait=1&wait=1",
            f"token={token}",
            f"wait={'9' * 40}",
        )
        for query in odd:
            answer = await shop.fetch(f"{url}&{query}")
            assert (answer.code, json.loads(answer.body)["error"]) == (400, "bad_request"), query
        for query in ("wait=0", "wait=", "other=1&other=2"):
            assert (await shop.fetch(f"{url}&{query}")).code == 200, query


@pytest.mark.gen_test
async def test_a_payment_at_the_very_moment_is_never_missed(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        for _ in range(5):
            orders = [await shop.order() for _ in range(8)]
            asked = [ask(shop, order["statusUrl"]) for order in orders]
            await asyncio.gather(*(shop.pay(order["orderNum"]) for order in orders))
            assert [await told(page) for page in asked] == [(200, "PAID")] * 8


@pytest.mark.gen_test
async def test_a_place_is_taken_before_anything_is_read(tmp_path: Path) -> None:
    """Else what is committed between the reading and the waiting would be missed."""
    async with product(tmp_path) as shop:
        order, free = await shop.order(), threading.Event()
        store, feed = shop.running.store, shop.running.services.feed
        readers = [asyncio.create_task(store.read(free.wait, 8)) for _ in range(READERS)]
        asked = ask(shop, order["statusUrl"])
        events = asyncio.create_task(feed.watch(EventsWanted(1, 10), Waiter(), 20))
        await waiting(shop, 2)
        assert await shop.pay(order["orderNum"]) == SUCCESS
        free.set()
        assert await told(asked) == (200, "PAID")
        async with asyncio.timeout(18):
            assert [event["kind"] for event in (await events)["events"]] == ["order.paid"]
        await asyncio.gather(*readers)


def pay_elsewhere(url: str, order_num: str) -> None:
    """What another process of ours would commit."""
    other = open_database(url)
    mark = other.param
    with other.atomic():
        other.execute_sql(
            "UPDATE orders SET status = 'PAID', paid_at = 1, transaction_id = '4200001'"
            f" WHERE order_num = {mark}",
            (order_num,),
        )
        other.execute_sql("UPDATE event_head SET seq = seq + 1")
        other.execute_sql(
            "INSERT INTO events (seq, kind, severity, order_num, at, data)"
            f" SELECT seq, 'order.paid', 'info', {mark}, 1, '{{}}' FROM event_head",
            (order_num,),
        )
    other.close()


@pytest.mark.gen_test
async def test_a_page_is_told_of_what_another_process_booked(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        order = await shop.order()
        asked = ask(shop, order["statusUrl"])
        await waiting(shop, 1)
        pay_elsewhere(shop.settings.database_url, order["orderNum"])
        assert await told(asked) == (200, "PAID")


async def page(shop: Product, url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A page whose connection is in our hands."""
    host, port = shop.settings.listen_host, shop.settings.listen_port
    reader, writer = await asyncio.open_connection(host, port)
    path = url.removeprefix(shop.origin)
    writer.write(f"GET {path}&wait=20 HTTP/1.1\r\nHost: shop\r\n\r\n".encode())
    return reader, writer


@pytest.mark.gen_test
async def test_a_page_that_goes_away_leaves_its_place_at_once(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        url = (await shop.order())["statusUrl"]
        pages = [await page(shop, url) for _ in range(20)]
        await waiting(shop, 20)
        for _, writer in pages[:10]:
            writer.close()
        for _, writer in pages[10:]:
            writer.transport.abort()
        await waiting(shop, 0)


@pytest.mark.gen_test
async def test_pages_that_wait_when_we_stop_are_told_what_we_know(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        url = (await shop.order())["statusUrl"]
        pages = [await page(shop, url) for _ in range(20)]
        await waiting(shop, 20)
    for reader, writer in pages:
        async with asyncio.timeout(PATIENCE_S):
            answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 200 OK")
        assert b'"status":"INIT"' in answer
        writer.close()


@pytest.mark.gen_test
async def test_beyond_the_limit_and_after_the_stop_nobody_is_kept(tmp_path: Path) -> None:
    places, waiters = Waiters(limit=2), [Waiter() for _ in range(4)]
    with places.place("ORDER-1", waiters[0]), places.place(ANY, waiters[1]):
        with places.place("ORDER-1", waiters[2]):
            assert len(places) == 2
            assert not await waiters[2].news(20)
        places.tell(["ORDER-2", None])
        assert await waiters[1].news(20)
        assert not await waiters[0].news(0)
        places.tell(["ORDER-1"])
        assert await waiters[0].news(20)
        places.release()
        assert not await waiters[0].news(20)
        assert not await waiters[1].news(20)
    assert len(places) == 0
    with places.place("ORDER-1", waiters[3]):
        assert not await waiters[3].news(20)


@pytest.mark.gen_test
async def test_one_order_and_one_network_leave_room_for_others() -> None:
    places = Waiters(limit=400)
    with ExitStack() as taken:

        def take(subject: str, network: str) -> Waiter:
            waiter = Waiter()
            taken.enter_context(places.place(subject, waiter, network))
            return waiter

        for n in range(MOST_AN_ORDER):
            take("ORDER-1", f"10.0.{n}.0/24")
        beyond = take("ORDER-1", "10.9.9.0/24")
        assert (len(places), await beyond.news(20)) == (MOST_AN_ORDER, False)
        for n in range(300):
            take(f"ORDER-{n}-X", "192.0.2.0/24")
        assert len(places) == MOST_AN_ORDER + 200, "half of all places"
        assert not await take("ORDER-9", "192.0.2.0/24").news(20)
        others = [take(f"ORDER-{n}-Y", f"198.51.{n}.0/24") for n in range(100)]
        assert len(places) == 400
        places.tell(["ORDER-7-Y"])
        assert await others[7].news(20)
    assert (len(places), places._of_network) == (0, {})
