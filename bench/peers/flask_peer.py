"""Flask with SQLAlchemy, for gunicorn with threads."""

from __future__ import annotations

import time

from flask import Flask, Response, request
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from bench.peers.message import FAIL, SUCCESS, XML, read
from bench.peers.tables import DATABASE, WAIT_S, event_of, order_of, paid, prepare

app = Flask(__name__)
engine = create_engine(f"sqlite:///{DATABASE}", connect_args={"timeout": WAIT_S})
prepare(engine)


@app.post("/pay/notify")
def notify() -> Response:
    fields = read(request.get_data())
    booked = fields is not None and book(fields)
    return Response(SUCCESS if booked else FAIL, mimetype=XML)


def book(fields: dict[str, str]) -> bool:
    now = time.time_ns() // 1_000_000
    with Session(engine) as session, session.begin():
        order = session.scalar(order_of(fields))
        if order is None or order.total_fen != int(fields["total_fee"]):
            return False
        moved = session.execute(paid(order, fields, now))
        if moved.rowcount:
            session.add(event_of(order, fields, now))
    return True
