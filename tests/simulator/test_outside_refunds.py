"""Refunds that somebody makes on the merchant platform of the simulated WeChat."""

from __future__ import annotations

from payments.refund import RefundResult, RefundStatus
from payments.v2 import refund as v2_refund
from simulator.state.refunds import TAKES_S
from simulator.state.trades import TradeState
from tests.simulator.test_refunds import Desk, both
from tests.support.simulator_rig import NOW, ORDER_NUM, Rig, merchant_v3, run_v3


@both
def test_a_refund_on_the_platform_is_told_in_xml_on_either_interface_and_listed(api: str) -> None:
    async def test(rig: Rig) -> None:
        desk = Desk(rig, api)
        transaction_id = await desk.paid()
        for fen in (300, 200):
            await rig.control("outside-refunds", orderNum=ORDER_NUM, amountFen=fen, told=fen == 300)
        assert desk.trade.state is TradeState.REFUND
        await rig.jump(TAKES_S)
        told = await Desk(rig, "v2").told()
        assert (told.status, told.refund_text, told.proven) == (RefundStatus.SUCCESS, "300", False)
        asked = await desk.query(told.refund_num or "")
        assert isinstance(asked, RefundResult)
        assert (asked.status, asked.refund_text) == (RefundStatus.SUCCESS, "300")
        found = [
            v2_refund.read_refund_list(
                await rig.answer(
                    v2_refund.refund_list_request(merchant_v3(), transaction_id, offset, NOW)
                ),
                merchant_v3(),
                transaction_id,
            )
            for offset in (0, 1)
        ]
        fens = [[refund.refund_text for refund in page.refunds] for page in found]
        assert (fens, found[0].total) == ([["300", "200"], ["200"]], 2)
        await rig.control("outside-refunds", orderNum=ORDER_NUM)
        assert rig.world.refunds.left(desk.trade) == 0
        for wanted, code in (
            ('{"orderNum": "NONE"}', 404),
            (f'{{"orderNum": "{ORDER_NUM}", "amountFen": 0}}', 400),
            (f'{{"orderNum": "{ORDER_NUM}", "amountFen": 1}}', 409),
            ('{"order": 1}', 400),
        ):
            answer = await rig.fetch("/_control/outside-refunds", method="POST", body=wanted)
            assert answer.code == code

    run_v3(test)
