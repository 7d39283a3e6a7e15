"""FastAPI with SQLAlchemy's asyncio and aiosqlite, for uvicorn."""

from __future__ import annotations

import time

from fastapi import FastAPI, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from bench.peers.message import FAIL, SUCCESS, XML, read
from bench.peers.tables import DATABASE, WAIT_S, event_of, order_of, paid, prepare

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
        order = await session.scalar(order_of(fields))
        if order is None or order.total_fen != int(fields["total_fee"]):
            return False
        moved = await session.execute(paid(order, fields, now))
        if moved.rowcount:
            session.add(event_of(order, fields, now))
    return True
