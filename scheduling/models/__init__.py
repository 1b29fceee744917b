"""Candidates, their schedules, and the coding links of the interviews in them."""

from scheduling.models.links import CodingLink, LaneSnapshot, LinkEvent, LinkState, VendorEvent
from scheduling.models.schedules import Candidate, Interview, Schedule, Seat

__all__ = [
    "Candidate",
    "CodingLink",
    "Interview",
    "LaneSnapshot",
    "LinkEvent",
    "LinkState",
    "Schedule",
    "Seat",
    "VendorEvent",
]
