"""Flask with SQLAlchemy, for gunicorn with threads."""

from __future__ import annotations

import json
import time

from flask import Flask, Response, request
from sqlalchemy import create_engine, select, update
from sqlalchemy.orm import Session

from bench.peers.message import FAIL, SUCCESS, XML, read
from bench.peers.tables import DATABASE, WAIT_S, PeerEvent, PeerOrder, prepare

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
        wanted = select(PeerOrder).where(PeerOrder.order_num == fields["out_trade_no"])
        order = session.scalar(wanted)
        if order is None or order.total_fen != int(fields["total_fee"]):
            return False
        paid = {"status": "PAID", "transaction_id": fields["transaction_id"], "paid_at": now}
        moved = session.execute(
            update(PeerOrder)
            .where(PeerOrder.id == order.id, PeerOrder.status == "INIT")
            .values(paid)
            .execution_options(synchronize_session=False)
        )
        if moved.rowcount:
            data = json.dumps({"totalFen": order.total_fen, "openId": fields["openid"]})
            session.add(PeerEvent(kind="order.paid", order_num=order.order_num, at=now, data=data))
    return True
