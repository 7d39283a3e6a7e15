"""FastAPI with SQLAlchemy's asyncio and aiosqlite, for uvicorn."""

from __future__ import annotations

import json
import time

from fastapi import FastAPI, Request, Response
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from bench.peers.message import FAIL, SUCCESS, XML, read
from bench.peers.tables import DATABASE, WAIT_S, PeerEvent, PeerOrder, prepare

app = FastAPI(openapi_url=None)
engine = create_async_engine(
    f"sqlite+aiosqlite:///{DATABASE}", connect_args={"timeout": WAIT_S}, pool_timeout=WAIT_S
)
prepare(engine.sync_engine)


@app.post("/pay/notify")
async def notify(request: Request) -> Response:
    fields = read(await request.body())
    booked = fields is not None and await book(fields)
    return Response(SUCCESS if booked else FAIL, media_type=XML)


async def book(fields: dict[str, str]) -> bool:
    now = time.time_ns() // 1_000_000
    async with AsyncSession(engine) as session, session.begin():
        wanted = select(PeerOrder).where(PeerOrder.order_num == fields["out_trade_no"])
        order = await session.scalar(wanted)
        if order is None or order.total_fen != int(fields["total_fee"]):
            return False
        paid = {"status": "PAID", "transaction_id": fields["transaction_id"], "paid_at": now}
        moved = await session.execute(
            update(PeerOrder)
            .where(PeerOrder.id == order.id, PeerOrder.status == "INIT")
            .values(paid)
            .execution_options(synchronize_session=False)
        )
        if moved.rowcount:
            data = json.dumps({"totalFen": order.total_fen, "openId": fields["openid"]})
            session.add(PeerEvent(kind="order.paid", order_num=order.order_num, at=now, data=data))
    return True
