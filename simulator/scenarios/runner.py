"""Plays scenarios, some at once, and keeps their records."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from functools import partial

from payments.merchant import Api
from simulator.delivery.payment import NotPayable
from simulator.scenarios.actions import Cast, ScenarioPlay, Stopped
from simulator.scenarios.catalogue import SCENARIOS, Scenario
from simulator.scenarios.options import ScenarioOptions
from simulator.scenarios.records import Run, Runs
from simulator.shop.client import ShopAway
from simulator.state.faults import BadFault

MAX_RUNNING = 8

_log = logging.getLogger(__name__)


class NeedsKey(Exception):
    """Without the shop's API key an order number must be given, and some need the key anyway."""


class NeedsV3(Exception):
    """The merchant's calls do not go to API v3."""


class TooManyRuns(Exception):
    """MAX_RUNNING scenarios are being played already."""


class ScenarioRunner:
    """Starts scenarios and keeps their records."""

    def __init__(self, runs: Runs, cast: Cast) -> None:
        self.runs = runs
        self._cast = cast
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def can_play(self, scenario: Scenario) -> bool:
        """Whether all is there that it needs, and an order of its own can be made."""
        has_key = self._cast.shop.has_key
        return has_key and not (scenario.needs_v3 and self._v3_is_missing)

    @property
    def _v3_is_missing(self) -> bool:
        return self._cast.payment_desk.merchant.api is not Api.V3

    def start(self, name: str, order_num: str | None, options: ScenarioOptions) -> Run:
        """Play scenario `name`; the run fills as it goes. Raises NeedsKey, NeedsV3, TooManyRuns."""
        scenario = SCENARIOS[name]
        if scenario.needs_v3 and self._v3_is_missing:
            raise NeedsV3
        without_order = order_num is None and scenario.takes_order
        if not self._cast.shop.has_key and (without_order or scenario.needs_key):
            raise NeedsKey
        if len(self._tasks) >= MAX_RUNNING:
            raise TooManyRuns
        run = self.runs.new(name)
        play = ScenarioPlay(run, self._cast, options, scenario.title_zh)
        task = asyncio.create_task(self._play(play, scenario, order_num))
        self._tasks[run.id] = task
        task.add_done_callback(partial(self._finished, run))
        return run

    def stop(self) -> None:
        for task in self._tasks.values():
            task.cancel()

    def stop_run(self, run: Run) -> None:
        """End it where it is; it then proves nothing. One that has ended stays as it is."""
        if not run.done and (task := self._tasks.get(run.id)):
            run.stopped = True
            task.cancel()

    async def _play(self, play: ScenarioPlay, scenario: Scenario, order_num: str | None) -> None:
        run = play.run
        try:
            with suppress(Stopped):
                async with asyncio.timeout(scenario.max_s):
                    await scenario.story(play, order_num)
        except NotPayable as state:
            run.check("pay", "a trade that can be paid", f"the trade is {state}")
        except ShopAway as error:
            run.check("product", "an answer", f"no answer ({error})")
        except BadFault as error:
            run.check("fault", "to be set", str(error))
        except TimeoutError:
            run.check("time", f"at most {scenario.max_s:.0f} s", "longer")
        finally:
            play.clean_up()

    def _finished(self, run: Run, task: asyncio.Task[None]) -> None:
        """A scenario always ends with a record, also when it broke off."""
        self._tasks.pop(run.id, None)
        if run.stopped:
            run.tell("stopped", "by hand")
        elif task.cancelled():
            run.check("scenario", "to be played", "stopped")
        elif error := task.exception():
            _log.error("scenario %s broke off", run.name, exc_info=error)
            run.check("scenario", "to be played", f"broke off ({type(error).__name__})")
        run.done = True
