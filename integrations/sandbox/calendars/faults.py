"""Faults between a caller and a vendor of calendars: the same for each vendor, in its own words."""

from __future__ import annotations

import enum

from integrations.sandbox.faults import Acts


class CalendarFault(enum.StrEnum):
    """A kind of trouble. BEFORE: the vendor did nothing. AFTER: it acted, and the answer is faulty.

    `GONE` is also the answer to a token that is too old, and `HALF_PAGE` gives a list's first half and then fails.
    """

    DROP_BEFORE = "drop_before"
    DROP_AFTER = "drop_after"
    ERROR_500_BEFORE = "error_500_before"
    ERROR_500_AFTER = "error_500_after"
    UNAVAILABLE = "unavailable"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    QUOTA = "quota"
    RATE_LIMITED_RETRY_AFTER = "rate_limited_retry_after"
    RATE_LIMITED_BARE = "rate_limited_bare"
    GONE = "gone"
    CHANGED = "changed"
    CALENDAR_MISSING = "calendar_missing"
    CUT_JSON_AFTER = "cut_json_after"
    GARBAGE_AFTER = "garbage_after"
    EMPTY_BODY_AFTER = "empty_body_after"
    SILENCE_BEFORE = "silence_before"
    SILENCE_AFTER = "silence_after"
    HALF_PAGE = "half_page"
    DUPLICATES = "duplicates"

    @property
    def acts(self) -> Acts:
        """When the request that it hits still does its work."""
        return Acts.FIRST if self in _ACT else Acts.NEVER

    @property
    def label(self) -> str:
        """The fault in words, for the sandbox's pages."""
        return _LABELS[self]


_ACT = frozenset(
    {
        *(CalendarFault.DROP_AFTER, CalendarFault.ERROR_500_AFTER, CalendarFault.CUT_JSON_AFTER),
        *(CalendarFault.GARBAGE_AFTER, CalendarFault.EMPTY_BODY_AFTER, CalendarFault.SILENCE_AFTER),
        *(CalendarFault.HALF_PAGE, CalendarFault.DUPLICATES),
    }
)

_LABELS = {
    CalendarFault.DROP_BEFORE: "Drop the connection, nothing done",
    CalendarFault.DROP_AFTER: "Act, then drop the connection",
    CalendarFault.ERROR_500_BEFORE: "HTTP 500, nothing done",
    CalendarFault.ERROR_500_AFTER: "Act, then HTTP 500",
    CalendarFault.UNAVAILABLE: "HTTP 503, nothing done",
    CalendarFault.UNAUTHORIZED: "HTTP 401, nothing done",
    CalendarFault.FORBIDDEN: "HTTP 403 for want of a permission, nothing done",
    CalendarFault.QUOTA: "HTTP 403 or 429 for a used-up quota, nothing done",
    CalendarFault.RATE_LIMITED_RETRY_AFTER: "HTTP 429 with Retry-After, nothing done",
    CalendarFault.RATE_LIMITED_BARE: "HTTP 429 without Retry-After, nothing done",
    CalendarFault.GONE: "HTTP 410, nothing done",
    CalendarFault.CHANGED: "HTTP 412, nothing done",
    CalendarFault.CALENDAR_MISSING: "HTTP 404, nothing done",
    CalendarFault.CUT_JSON_AFTER: "Act, then a complete answer of half the JSON",
    CalendarFault.GARBAGE_AFTER: "Act, then HTML with HTTP 200",
    CalendarFault.EMPTY_BODY_AFTER: "Act, then an empty answer",
    CalendarFault.SILENCE_BEFORE: "Say nothing, then close, nothing done",
    CalendarFault.SILENCE_AFTER: "Act, say nothing, then close",
    CalendarFault.HALF_PAGE: "A list's first half, then a page that fails",
    CalendarFault.DUPLICATES: "A list with each item twice",
}
