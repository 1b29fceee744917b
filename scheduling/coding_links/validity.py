"""Times of a link: when it can be made, until when it must live, and when it is fetched again.

A vendor may let a link live only for some time (`Limits.max_lifetime`), counted from its creation. So a link is always
given the whole time, which spares most reschedules a replacement, and is made no earlier than that it can live until
its interview's end.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from integrations.base import Limits
from integrations.registry import info_of
from scheduling.models import CodingLink, Interview, LinkState

# An interview may run over; its link must not die while they still talk.
GRACE = timedelta(hours=1)
# For how long after its end a link is fetched to learn whether it is over, and for feedback after it was.
FETCHED_AFTER = timedelta(hours=24)
FEEDBACK_FETCHES = (
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=24),
    timedelta(days=3),
)
FETCHES_BEFORE = (timedelta(hours=24), timedelta(hours=1))


def limits(kind: str) -> Limits:
    return info_of(kind).limits


def needed_until(interview: Interview) -> datetime:
    return interview.ends_at + GRACE


def not_before(interview: Interview, kind: str) -> datetime | None:
    """The earliest moment at which a link that is still alive at the interview's end can be made; None: any."""
    lifetime = limits(kind).max_lifetime
    return needed_until(interview) - lifetime if lifetime is not None else None


def expires_at(kind: str, sent: datetime) -> datetime | None:
    """When a link whose create was `sent` expires; None: never."""
    lifetime = limits(kind).max_lifetime
    return sent + lifetime if lifetime is not None else None


def dies_too_early(link: CodingLink, interview: Interview) -> bool:
    return link.expires_at is not None and link.expires_at < needed_until(interview)


def is_over(interview: Interview, now: datetime | None = None) -> bool:
    return has_passed(interview.ends_at, now or timezone.now())


def has_passed(ends_at: datetime, now: datetime) -> bool:
    """Whether an interview that ends at `ends_at` needs no link any more."""
    return ends_at + GRACE <= now


def next_fetch(link: CodingLink, interview: Interview | None, *, now: datetime | None = None) -> datetime | None:
    """The moment to fetch a made link again, should no webhook come first; None: never again."""
    now = now or timezone.now()
    if link.state in {LinkState.EXPIRED, LinkState.CANCELLED}:
        return None
    if link.state == LinkState.FINISHED:
        finished = link.finished_at or now
        return next((finished + after for after in FEEDBACK_FETCHES if finished + after > now), None)
    if interview is None:
        return link.expires_at if link.expires_at and link.expires_at > now else None
    return min(_fetches(link, interview, now), default=None)


def _fetches(link: CodingLink, interview: Interview, now: datetime) -> list[datetime]:
    start, end = interview.starts_at, interview.ends_at
    looks = [start - ahead for ahead in FETCHES_BEFORE]
    if link.expires_at is not None:
        looks.append(link.expires_at + timedelta(seconds=1))
    if start - timedelta(minutes=5) <= now < end + FETCHED_AFTER:
        near = now < end + timedelta(hours=1)
        looks.append(now + (timedelta(minutes=5) if near else timedelta(hours=1)))
    else:
        looks.append(start)
    return [look for look in looks if look > now]
