"""The Tornado application over the one table of addresses."""

from __future__ import annotations

from pathlib import Path

from tornado.web import Application

from handlers.pages import AssetHandler
from handlers.routes import House, fallback, routes


def application(house: House, here: Path) -> Application:
    """`here` is the folder that holds `templates` and `static`."""
    return Application(
        routes(house),
        site=house.site,
        template_path=str(here / "templates"),
        static_path=str(here / "static"),
        static_handler_class=AssetHandler,
        websocket_max_message_size=4096,
        websocket_ping_interval=20,
        websocket_ping_timeout=15,
        compiled_template_cache=True,
        serve_traceback=False,
        **fallback(house),
    )
