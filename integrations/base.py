"""The contract between Panelist and a coding tool.

A tool turns a vendor's API into these plain shapes and these four errors. No Django model, no request and no
vendor exception crosses this line, in either direction.

The errors are the heart of it: what may happen next to a link depends on nothing else.

* `Retryable` - the vendor surely did nothing; the same call may be made again.
* `Refused` - the vendor said no for good; a person has to change something.
* `CredentialsRejected` - the key is dead or lacks a permission; every call would fail, so stop asking.
* `OutcomeUnknown` - the answer was lost: it may or may not have happened. Look before doing anything else.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol


class ToolError(Exception):
    """Something a coding tool could not do.

    `code` is a short stable word for code and tests; `sentence` is one sentence for a person, without a key, a
    candidate's data or a vendor's internals in it.
    """

    def __init__(self, sentence: str = "", *, code: str = "") -> None:
        super().__init__(code or sentence)
        self.sentence = sentence
        self.code = code


class Retryable(ToolError):
    """The vendor surely did nothing. `retry_after`: seconds it asked us to wait; None where it did not say.

    `rate_limited` is true when the reason is the vendor's rate limit, so that the key is throttled.
    """

    def __init__(
        self,
        sentence: str = "",
        *,
        code: str = "",
        retry_after: float | None = None,
        rate_limited: bool = False,
    ) -> None:
        super().__init__(sentence, code=code)
        self.retry_after = retry_after
        self.rate_limited = rate_limited


class Refused(ToolError):
    """The vendor refused for good. `sentence` says what a person can do."""


class Gone(Refused):
    """The link that a call names does not exist at the vendor (any more)."""


class CredentialsRejected(ToolError):
    """The key is not accepted, or lacks a permission. `missing`: permission names where they are known."""

    def __init__(self, sentence: str = "", *, code: str = "", missing: Sequence[str] = ()) -> None:
        super().__init__(sentence, code=code)
        self.missing = tuple(missing)


class OutcomeUnknown(ToolError):
    """The request may have reached the vendor and the answer was lost or unreadable."""


class Verdict(enum.Enum):
    """What a check found out about one permission."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class VendorStatus(enum.Enum):
    """Where a link is in its life at the vendor, in our words."""

    WAITING = "waiting"
    ACTIVE = "active"
    FINISHED = "finished"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Account:
    """Whose key it is and what it may do. `permissions` maps each permission the tool needs to a verdict.

    `denied`: something was refused for want of a permission, and the vendor did not say of which.
    """

    company_id: str
    company_name: str
    permissions: Mapping[str, Verdict]
    denied: bool = False

    def missing(self) -> list[str]:
        """Names of permissions that are surely not there."""
        return [name for name, verdict in self.permissions.items() if verdict is Verdict.NO]


@dataclass(frozen=True, slots=True)
class Template:
    """A set of questions at the vendor that an interview can start from."""

    id: str
    name: str
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """What a link shall be. `lifetime` counts from creation; None (edits only) leaves it as it is. Empty: not given.

    Who the candidate is stays out of the repr, and so out of logs and tracebacks.
    """

    candidate_name: str = field(repr=False)
    candidate_email: str = field(repr=False)
    lifetime: timedelta | None
    template_id: str = ""
    template_locked: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """One attribute that an interviewer scored. `score` is None where it was left open."""

    name: str
    score: float | None
    notes: str = ""


@dataclass(frozen=True, slots=True)
class FeedbackCategory:
    name: str
    attributes: tuple[Score, ...] = ()


@dataclass(frozen=True, slots=True)
class Feedback:
    """One interviewer's feedback. `evaluation` is one of strong_no, no, yes, strong_yes, or empty."""

    author: str = ""
    notes: str = ""
    evaluation: str = ""
    recommended_level: str = ""
    categories: tuple[FeedbackCategory, ...] = ()


@dataclass(frozen=True, slots=True)
class VendorLink:
    """A live interview as the vendor has it. Times are aware and in UTC. The repr holds no candidate's data."""

    external_id: str
    url: str
    status: VendorStatus
    short_url: str = ""
    candidate_name: str = field(default="", repr=False)
    candidate_email: str = field(default="", repr=False)
    started_at: datetime | None = None
    finished_at: datetime | None = None
    feedback: tuple[Feedback, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """What the vendor has for one candidate. `complete` is false when a bound stopped the look-up early."""

    links: tuple[VendorLink, ...] = ()
    complete: bool = True


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """A verified event, boiled down to what may be believed: which link to fetch again, and why.

    `external_id` is empty for events about nothing we know (they are answered and forgotten).
    """

    event: str
    external_id: str
    triggered_at: datetime


@dataclass(frozen=True, slots=True)
class Limits:
    """What a vendor allows. Rates are requests per second; lifetimes bound a link's life from its creation."""

    writes_per_second: float
    reads_per_second: float
    min_lifetime: timedelta
    max_lifetime: timedelta
    emails_per_look_up: int


@dataclass(frozen=True, slots=True)
class Permission:
    """A permission a key needs. `name` is the vendor's own word, to be copied as it is."""

    name: str
    needed_for: str


@dataclass(frozen=True, slots=True)
class ToolInfo:
    """What pages and the queue need to know of a tool without calling it."""

    kind: str
    name: str
    description: str
    limits: Limits
    permissions: tuple[Permission, ...] = field(default_factory=tuple)


#: A call that may change something at the vendor, or one that only reads: their rate limits are apart.
Operation = Literal["read", "write"]


class Pacer(Protocol):
    """Called before every single request; returns at the moment when it may be sent."""

    def __call__(self, operation: Operation) -> None: ...


class CodingTool(Protocol):
    """One vendor with one key. Every method makes HTTP calls, each with a timeout, and raises only `ToolError`s.

    For reads (`check_credentials`, `fetch_link`, `find_links`, `list_links`, `list_templates`) a lost answer is
    `Retryable`: reading twice harms nobody. `cancel_link` and `update_link` may raise `OutcomeUnknown`; both can be
    repeated safely. `create_link` can't.
    """

    info: ToolInfo

    def check_credentials(self) -> Account:
        """Whose key, and which permissions; leaves nothing behind at the vendor."""

    def create_link(self, request: LinkRequest) -> VendorLink:
        """Makes a live interview. One HTTP request, never repeated inside."""

    def fetch_link(self, external_id: str) -> VendorLink | None:
        """The interview as it is now; None when the vendor surely does not have it."""

    def find_links(self, emails: Sequence[str]) -> dict[str, Found]:
        """What the vendor has for each address (keys are the addresses as given), up to
        `info.limits.emails_per_look_up` of them in one request. Deleted interviews are left out."""

    def list_links(self, *, most: int) -> Found:
        """All live interviews of the company, paged, at most `most`. Deleted ones are left out."""

    def update_link(self, external_id: str, request: LinkRequest) -> VendorLink:
        """Edits an existing interview. Raises `Gone` when it is not there."""

    def cancel_link(self, external_id: str) -> None:
        """Deletes it at the vendor. Already gone is success."""

    def list_templates(self, *, search: str = "") -> list[Template]:
        """Interview templates by name, at most 200, in the vendor's order."""

    def verify_webhook(self, *, url: str, secret: str, headers: Mapping[str, str], body: Mapping[str, object]) -> bool:
        """True when the signature fits. `url` is our endpoint as the vendor knows it."""

    def parse_webhook(self, body: Mapping[str, object]) -> WebhookEvent | None:
        """The event of a verified body; None when it is none of ours or malformed."""
