"""The interfaces of WeChat's, by name."""

from __future__ import annotations

from payments.merchant import Api
from payments.protocol import WeChatApi
from payments.v2 import api as v2
from payments.v3 import api as v3

APIS: dict[Api, WeChatApi] = {Api.V2: v2, Api.V3: v3}
