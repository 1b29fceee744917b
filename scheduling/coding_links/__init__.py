"""The life of a coding link: the only place where a link changes state.

`requests`, `removal` and `reactions` hold what people and the rest of the product want of links, `defaults` what
interview plans ask for, `runs` what the upcoming interviews of a job lack. They are fast and never call the vendor.
`integration_events` says what a connection's end or beginning means for links. `queue` chooses the link to work on
next, `worker` works on it: `creation`, `together` (several at once), `reconciliation` and `maintenance` call the
vendor, through `integrations.vendor_calls`; `adoption` stores what it has made. `transitions` changes states and
timers.
`restored` takes care of links whose database was restored from a backup.
"""

from scheduling.coding_links.defaults import request_default_links, request_missing_links
from scheduling.coding_links.integration_events import on_integration_event
from scheduling.coding_links.reactions import (
    candidate_changed,
    interview_cancelled,
    interview_changed,
    interviews_cancelled,
    interviews_changed,
    needs_another,
    vendor_says,
)
from scheduling.coding_links.reconciliation import choose_link
from scheduling.coding_links.removal import LinkError, remove_link, remove_links
from scheduling.coding_links.requests import prepare, request_link, retry_for_support, retry_link
from scheduling.coding_links.runs import advance as advance_link_run
from scheduling.coding_links.worker import look_up_candidate, sweep, work_on_link

__all__ = [
    "LinkError",
    "advance_link_run",
    "candidate_changed",
    "choose_link",
    "interview_cancelled",
    "interview_changed",
    "interviews_cancelled",
    "interviews_changed",
    "look_up_candidate",
    "needs_another",
    "on_integration_event",
    "prepare",
    "remove_link",
    "remove_links",
    "request_default_links",
    "request_link",
    "request_missing_links",
    "retry_for_support",
    "retry_link",
    "sweep",
    "vendor_says",
    "work_on_link",
]
