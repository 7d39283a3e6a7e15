"""The controls of the simulator, for an admin and in simulation mode only."""

from __future__ import annotations

import re

from handlers.errors import NotFound
from handlers.session import ConsoleHandler
from payments.errors import BadRequest

SCENARIO = re.compile(r"[a-z0-9_]{1,40}", re.ASCII)
CHOICES = frozenset({"totalFen", "notifyFen", "times", "perSecond", "seconds", "anomalyShare"})


class SimulationHandler(ConsoleHandler):
    async def prepare(self) -> None:
        if not self.site.simulated:
            raise NotFound
        await super().prepare()


class SimulatorHandler(SimulationHandler):
    async def get(self) -> None:
        self.reply(await self.services.simulator_client.scenarios())


class ScenarioHandler(SimulationHandler):
    """POST starts a scenario; the answer is its run, which continues in the background."""

    async def post(self, name: str) -> None:
        wishes = self.json_body()
        if set(wishes) - CHOICES or not all(_is_number(value) for value in wishes.values()):
            raise BadRequest(
                f"The options of a scenario must be numbers: {', '.join(sorted(CHOICES))}."
            )
        if not SCENARIO.fullmatch(name):
            raise NotFound
        run = await self.services.simulator_client.play(name, wishes, self.principal.name)
        self.reply({"run": run}, 201)


class SimulatorRunHandler(SimulationHandler):
    async def get(self, run_id: str) -> None:
        self.reply({"run": await self.services.simulator_client.run(run_id[:40])})


class SimulatorStopHandler(SimulationHandler):
    async def post(self, run_id: str) -> None:
        self.json_body()
        run = await self.services.simulator_client.stop(run_id[:40], self.principal.name)
        self.reply({"run": run})


class TrialOrderHandler(SimulationHandler):
    """POST makes an order of a product, to be paid by hand."""

    async def post(self) -> None:
        product_id = self.json_body().get("productId")
        if not isinstance(product_id, str):
            raise BadRequest("productId must name a product.")
        by = self.principal.name
        self.reply(await self.services.simulator_client.try_product(product_id, by), 201)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
