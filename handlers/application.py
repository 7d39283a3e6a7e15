"""The Tornado application over the one table of addresses."""

from __future__ import annotations

from pathlib import Path

from tornado.web import Application

from handlers.console_files import console_files
from handlers.pages import AssetHandler, MissingPageHandler
from handlers.routes import ROUTES
from handlers.services import Services


def application(services: Services, here: Path) -> Application:
    """`here` is the folder that holds `templates` and `static`."""
    return Application(
        [
            (each.path, each.handler, {"services": services, "permission": each.permission})
            for each in ROUTES
        ],
        site=services.site,
        template_path=str(here / "templates"),
        console_files=console_files(here, services.site.plain_scripts),
        static_path=str(here / "static"),
        static_handler_class=AssetHandler,
        websocket_max_message_size=4096,
        websocket_ping_interval=0,  # services/live/dashboards.py pings them all
        compiled_template_cache=True,
        serve_traceback=False,
        default_handler_class=MissingPageHandler,
        default_handler_args={"services": services},
    )
