"""API v3 as `payments.protocol.WeChatApi` wants it."""

from payments.v3.prepay import order_fields, page_parameters, prepay_request, read_prepay
from payments.v3.refund import (
    abnormal_request,
    read_abnormal,
    read_refund,
    read_refund_query,
    refund_query_request,
    refund_request,
)
from payments.v3.trade import close_request, query_request, read_close, read_query

__all__ = [
    "abnormal_request",
    "close_request",
    "order_fields",
    "page_parameters",
    "prepay_request",
    "query_request",
    "read_abnormal",
    "read_close",
    "read_prepay",
    "read_query",
    "read_refund",
    "read_refund_query",
    "refund_query_request",
    "refund_request",
]
