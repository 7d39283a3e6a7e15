"""What WeChat's bills say of each day, and where that differs from what is booked here."""

from models.bills.day import BillDay, BillDifference
from models.bills.staged import RowKind, StagedMovement, StagedRow

__all__ = ["BillDay", "BillDifference", "RowKind", "StagedMovement", "StagedRow"]
