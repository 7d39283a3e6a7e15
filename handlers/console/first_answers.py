"""What every page of the console asks for first, so that its document brings it along: on a slow
line each question costs as much as the document."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

from handlers.services import Services
from handlers.session import introduction
from payments.errors import PaymentError
from services.alerts.triage import MAX_PAGE
from services.auth.roles import Permission, Principal

log = logging.getLogger(__name__)

TAIL = 200
"""The newest events of a page that begins; as in static/js/state/feed/tail.js."""
PATIENCE_S = 1.0
"""A document does not wait longer for them; its page asks for itself then."""


async def first_answers(services: Services, principal: Principal) -> dict[str, Any]:
    """Answers by their address below /api/v1/; empty when they cannot be had now. The document is
    compressed and shows what buyers wrote, so it does not hold the token against forged
    requests."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            me = {**introduction(principal), "xsrf": None}
            me["preferences"] = await services.profile.preferences(principal)
            if principal.owes:
                return {"me": me}
            answers = {"me": me, **await _news(services, principal)}
            if principal.may(Permission.MANAGE) and me["preferences"].get("steps", True):
                answers["first-steps"] = {"steps": await services.first_steps.all()}
            return answers
    except (TimeoutError, PaymentError):
        return {}
    except Exception:  # the page is worth more than what it brings along, and asks for it itself
        log.exception("The first answers of a page could not be had.")
        return {}


async def _news(services: Services, principal: Principal) -> dict[str, Any]:
    # The events first: what they moved is in the figures then.
    newest = await services.feed.page(0, 1)
    after = max(0, newest["head"] - TAIL)
    tail = await services.feed.page(after, TAIL)
    summary, inbox, alerts = await asyncio.gather(
        services.summary.get(),
        services.inbox.of(principal),
        services.alerts.page("unresolved", None, None, None, MAX_PAGE, None, None),
    )
    return {
        "events?limit=1": newest,
        f"events?after={after}&limit={TAIL}": tail,
        "summary": summary,
        "inbox": inbox,
        f"alerts?status=unresolved&limit={MAX_PAGE}": alerts,
    }


def script_text(answers: dict[str, Any]) -> str:
    """JSON that stands safely inside a <script>, whatever a buyer is called."""
    text = json.dumps(answers, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
