"""The tables of complaints."""

from models.complaints.complaint import (
    Complaint,
    ComplaintDeed,
    ComplaintImage,
    ComplaintLine,
    DeedKind,
    DeedStatus,
)
from models.complaints.looks import ComplaintLook, ComplaintPoll

__all__ = [
    "Complaint",
    "ComplaintDeed",
    "ComplaintImage",
    "ComplaintLine",
    "ComplaintLook",
    "ComplaintPoll",
    "DeedKind",
    "DeedStatus",
]
