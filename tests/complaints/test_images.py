"""Images: what leaves is a picture by its bytes, from WeChat's own host, and no browser runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tornado.httpclient import HTTPResponse

from payments.complaints.images import MAX_BYTES, type_of
from payments.errors import WeChatUntrusted
from payments.protocol import Moment
from payments.v3 import complaint
from simulator.complaints.media import png
from tests.complaints.complaint_house import Desk, answered, complaint_house
from tests.support.rig import MCH_ID
from tests.support.simulator_rig import merchant_v3

ORIGINS = ("https://api.mch.weixin.qq.com", "https://api2.mch.weixin.qq.com")
SCRIPT = b"<html><script>alert(document.cookie)</script>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


@pytest.mark.parametrize("content", [b"", SCRIPT, SVG, b"GIF88a", b"%PDF-1.7", b"\x89PNG"])
def test_what_is_no_picture_by_its_bytes_is_none(content: bytes) -> None:
    assert type_of(content) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/v3/merchant-service/images/abc",
        "https://api.mch.weixin.qq.com.evil.example/v3/merchant-service/images/abc",
        "https://user@api.mch.weixin.qq.com/v3/merchant-service/images/abc",
        "http://api.mch.weixin.qq.com/v3/merchant-service/images/abc",
        "https://api.mch.weixin.qq.com:8443/v3/merchant-service/images/abc",
        "https://api.mch.weixin.qq.com/v3/refund/domestic/refunds/1",
        "https://api.mch.weixin.qq.com/v3/merchant-service/images/abc?x=1",
        "https://api.mch.weixin.qq.com/v3/merchant-service/images/../complaints-v2",
        "https://127.0.0.1/v3/merchant-service/images/abc",
        "file:///etc/passwd",
        "",
    ],
)
def test_nothing_is_signed_for_an_address_that_is_no_image_of_wechats(url: str) -> None:
    with pytest.raises(WeChatUntrusted):
        complaint.image_request(merchant_v3(), url, ORIGINS, Moment(0, "n"))


@pytest.mark.parametrize("origin", ORIGINS)
def test_an_image_at_either_domain_of_wechats_is_asked_for_as_it_is_named(origin: str) -> None:
    path = "/v3/merchant-service/images/ChsyMDAw%2BMTE%3D"
    made = complaint.image_request(merchant_v3(), origin + path, ORIGINS, Moment(0, "n"))
    assert (made.method, made.path, made.headers["Accept"]) == ("GET", path, "*/*")


async def upload(desk: Desk, content: bytes, kind: str = "image/png") -> HTTPResponse:
    alice = desk.people["alice"]
    headers = {"Content-Type": kind}
    return await alice.fetch(f"complaints/uploads?account={MCH_ID}", "POST", content, **headers)


@pytest.mark.gen_test
async def test_a_picture_is_shown_and_a_page_in_its_place_is_not(tmp_path: Path) -> None:
    async with complaint_house(tmp_path) as desk:
        found = await desk.complains(images=2)
        await desk.look()
        media = (await desk.shown(found))["media"]
        assert [(image["n"], image["kind"]) for image in media] == [
            (1, "USER_COMPLAINT_IMAGE"),
            (2, "USER_COMPLAINT_IMAGE"),
        ]
        alice = desk.people["alice"]
        shown = await alice.fetch(f"complaints/{found.id}/media/1")
        assert shown.code == 200
        assert shown.body == desk.wechat.complaints.media.find(found.images[0])
        assert shown.headers["Content-Type"] == "image/png"
        assert shown.headers["X-Content-Type-Options"] == "nosniff"
        assert shown.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        desk.wechat.complaints.media._kept[found.images[1]] = SCRIPT
        page = await alice.fetch(f"complaints/{found.id}/media/2")
        assert (page.code, json.loads(page.body)["error"]) == (502, "wechat_untrusted")
        assert b"script" not in page.body
        missing = await alice.fetch(f"complaints/{found.id}/media/3")
        assert missing.code == 404


@pytest.mark.gen_test
async def test_a_picture_of_ours_goes_with_the_answer_and_nothing_else_does(
    tmp_path: Path,
) -> None:
    async with complaint_house(tmp_path) as desk:
        found = await desk.complains()
        await desk.look()
        picture = png(600, 400, 90)
        taken = answered(await upload(desk, picture), 201)
        reply = await desk.post(found, "reply", text="见图", images=[taken["mediaId"]])
        (image,) = answered(reply)["complaint"]["deeds"][0]["images"]
        assert desk.wechat.complaints.media.find(image) == picture
        assert found.rows[-1].images == (taken["mediaId"],)
        for content in (SCRIPT, SVG, b"GIF89a...", b""):
            assert answered(await upload(desk, content), 400)["error"] == "bad_request"
        large = b"\x89PNG\r\n\x1a\n".ljust(MAX_BYTES + 1, b"x")
        assert (await upload(desk, large)).code == 400
        assert (await upload(desk, picture, "application/json")).code == 400
        unknown = await desk.post(found, "reply", text="见图", images=["no-such-image"])
        assert answered(unknown, 502)["error"] == "wechat_refused"


@pytest.mark.gen_test
async def test_what_a_buyer_writes_stays_text(tmp_path: Path) -> None:
    text = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    async with complaint_house(tmp_path) as desk:
        found = await desk.complains(text=text, title=text)
        await desk.acts(found, "say", text=text)
        await desk.look()
        answer = await desk.people["alice"].fetch(f"complaints/{found.id}")
        assert answer.headers["Content-Type"].startswith("application/json")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        shown = json.loads(answer.body)["complaint"]
        assert (shown["text"], shown["title"], shown["history"][-1]["text"]) == (text, text, text)
        assert text not in str(await desk.shop.events()) + str(await desk.cases())


@pytest.mark.gen_test
async def test_an_answer_leaves_as_wechat_takes_it(tmp_path: Path) -> None:
    async with complaint_house(tmp_path) as desk:
        found = await desk.complains()
        await desk.look()
        told = answered(await desk.post(found, "reply", text="  您好😊\n已退款 "))["complaint"]
        assert told["deeds"][0]["text"] == "您好\n已退款"
        assert [row.text for row in found.rows][-1] == "您好\n已退款"
        for odd in ({"text": "😊"}, {"text": "x" * 501}, {"text": 7}, {"text": "x", "more": 1}):
            assert answered(await desk.post(found, "reply", **odd), 400)["error"] == "bad_request"
