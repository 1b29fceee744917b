"""The life of a coding link: the only caller of a coding tool, and the only place where a link changes state.

`requests` holds what people and the rest of the product ask for, `defaults` what interview plans ask for; they are fast
and never talk to the vendor. `events` says what a connection's end or beginning means for links. `queue`
decides who works on which row when; `create`, `settle` and `upkeep` do the work; `look`, `call`, `window` and `moves`
are what they share.
"""

from scheduling.coding_links.defaults import request_default_links, request_missing_links
from scheduling.coding_links.integration_events import on_integration_event
from scheduling.coding_links.requests import (
    LinkError,
    candidate_changed,
    choose_link,
    interview_cancelled,
    interview_changed,
    prepare,
    remove_link,
    request_link,
    retry_link,
    vendor_says,
)
from scheduling.coding_links.worker import look_up_candidate, sweep, work_on_link

__all__ = [
    "LinkError",
    "candidate_changed",
    "choose_link",
    "interview_cancelled",
    "interview_changed",
    "look_up_candidate",
    "on_integration_event",
    "prepare",
    "remove_link",
    "request_default_links",
    "request_link",
    "request_missing_links",
    "retry_link",
    "sweep",
    "vendor_says",
    "work_on_link",
]
