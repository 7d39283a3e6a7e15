"""The two addresses of one WeChat, as api.mch.weixin.qq.com and api2.mch.weixin.qq.com are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit


@dataclass
class Domains:
    """`second` is the origin of the second address, empty without one. While `main_away`, calls to
    the first get no answer; the controls are served at both."""

    second: str = ""
    main_away: bool = False
    calls: Counter[str] = field(default_factory=Counter)

    def admits(self, host: str) -> bool:
        """Count a call to this host; False when it is to get no answer."""
        on = "second" if self.second and host == urlsplit(self.second).netloc else "main"
        if on == "main" and self.main_away:
            return False
        self.calls[on] += 1
        return True

    def as_json(self) -> dict[str, Any]:
        calls = {on: self.calls[on] for on in ("main", "second")}
        return {"second": self.second or None, "mainAway": self.main_away, "calls": calls}
