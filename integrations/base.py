"""The contract between Panelist and a coding tool.

A tool turns a vendor's API into these plain shapes and these four errors. No Django model, no request and no
vendor exception crosses this line, in either direction.

The errors are the heart of it: what may happen next to a link depends on nothing else.

* `Retryable` - the vendor certainly did nothing; the same call may be made again.
* `Refused` - the vendor said no for good; a person has to change something.
* `CredentialsRejected` - the key is dead or lacks a permission; every call would fail, so stop asking.
* `OutcomeUnknown` - the answer was lost: it may or may not have happened. Look before doing anything else.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol


class ToolError(Exception):
    """Something a coding tool could not do.

    `code` is a short stable word, and `params` are what its sentence needs besides the tool's name: strings and lists
    of strings. `integrations.error_texts` turns them into a sentence when they are shown. Neither ever holds a key, a
    candidate's data or a vendor's own words.
    """

    def __init__(self, code: str = "", **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    def columns(self) -> dict[str, Any]:
        """The error as rows keep it: `problem_code` and `problem_params`."""
        return {"problem_code": self.code[:60], "problem_params": self.params}


class Retryable(ToolError):
    """The vendor certainly did nothing. `retry_after`: seconds it asked us to wait; None where it did not say.

    `rate_limited` is true when the reason is the vendor's rate limit, so that the key is throttled.
    """

    def __init__(
        self, code: str = "", *, retry_after: float | None = None, rate_limited: bool = False, **params: object
    ) -> None:
        super().__init__(code, **params)
        self.retry_after = retry_after
        self.rate_limited = rate_limited


class Refused(ToolError):
    """The vendor refused for good: a person has to change something."""


class Gone(Refused):
    """The link that a call names does not exist at the vendor (any more)."""


class CredentialsRejected(ToolError):
    """The key is not accepted, or lacks a permission. `missing`: permission names where they are known."""

    def __init__(self, code: str = "", *, missing: Sequence[str] = ()) -> None:
        super().__init__(code, **({"missing": list(missing)} if missing else {}))
        self.missing = tuple(missing)


class OutcomeUnknown(ToolError):
    """The request may have reached the vendor, and the answer was lost or unreadable."""


class Verdict(enum.Enum):
    """A check's result for one permission."""

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
    """The vendor's account that a key belongs to, and what the key may do: a verdict for each permission it needs.

    `denied`: something was refused for want of a permission, and the vendor did not say of which.
    """

    company_id: str
    company_name: str
    permissions: Mapping[str, Verdict]
    denied: bool = False

    def missing(self) -> list[str]:
        """Names of permissions that the key is known to lack."""
        return [name for name, verdict in self.permissions.items() if verdict is Verdict.NO]


@dataclass(frozen=True, slots=True)
class Template:
    """A set of questions at the vendor that an interview can start from."""

    id: str
    name: str
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """A link as it should become. `lifetime` counts from creation. None: as long as the vendor keeps links (creates),
    or as it is (edits). Empty texts: not given.

    The candidate stays out of the repr, and so out of logs and tracebacks.
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
    """Scores under one heading."""

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
    candidate_name: str = field(default="", repr=False)
    candidate_email: str = field(default="", repr=False)
    started_at: datetime | None = None
    finished_at: datetime | None = None
    feedback: tuple[Feedback, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """The vendor's links of one candidate. `complete` is false when a bound stopped the look-up early."""

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
    """A vendor's limits, and how long to wait for its answers.

    Rates are requests per second. `max_lifetime` counts from a link's creation; None: links do not expire. `timeout`:
    seconds of silence after which a call is given up. `settle`: how long after a lost answer the request may still
    take effect at the vendor.
    """

    writes_per_second: float
    reads_per_second: float
    max_lifetime: timedelta | None
    emails_per_look_up: int
    timeout: float
    settle: timedelta


@dataclass(frozen=True, slots=True)
class Permission:
    """A permission a key needs. `name` is the vendor's own word, to be copied as it is."""

    name: str
    needed_for: str


@dataclass(frozen=True, slots=True)
class ToolInfo:
    """A tool's name, limits and abilities, for pages and the queue, known without calling it.

    `name` stands in every sentence about it. `problems` are the tool's own sentences, by error code, for codes that
    `integrations.error_texts` does not know or says too vaguely; a `%(tool)s` in them is the name. `description`,
    `needed_for` and `problems` are message ids, translated when shown. `has_templates`, `has_webhooks`: what its page
    offers.
    """

    kind: str
    name: str
    description: str
    limits: Limits
    permissions: tuple[Permission, ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict)
    has_templates: bool = True
    has_webhooks: bool = True


#: A call that may change something at the vendor, or one that only reads: their rate limits are apart.
Operation = Literal["read", "write"]


class Pacer(Protocol):
    """Is called before every single request, and returns at the moment when it may be sent."""

    def __call__(self, operation: Operation) -> None: ...


class CodingTool(Protocol):
    """One vendor with one key. Every method makes HTTP calls, each with a timeout, and raises only `ToolError`s.

    For reads (`check_credentials`, `fetch_link`, `find_links`, `list_links`, `list_templates`) a lost answer is
    `Retryable`: reading twice harms nobody. `cancel_link` and `update_link` may raise `OutcomeUnknown`; both can be
    repeated safely. `create_link` can't.
    """

    info: ToolInfo

    def check_credentials(self) -> Account:
        """The key's account and permissions. Leaves nothing behind at the vendor."""

    def create_link(self, request: LinkRequest) -> VendorLink:
        """Make a live interview. One HTTP request, never repeated inside."""

    def fetch_link(self, external_id: str) -> VendorLink | None:
        """The interview as it is now; None when the vendor certainly does not have it."""

    def find_links(self, emails: Sequence[str]) -> dict[str, Found]:
        """The vendor's links for each address (keys are the addresses as given), up to
        `info.limits.emails_per_look_up` of them in one request. Deleted interviews are left out."""

    def list_links(self, *, most: int) -> Found:
        """All live interviews of the company, paged, at most `most`. Deleted ones are left out."""

    def update_link(self, external_id: str, request: LinkRequest) -> VendorLink:
        """Edit an existing interview. Raises `Gone` when it is not there."""

    def cancel_link(self, external_id: str) -> None:
        """Delete it at the vendor. Already gone is success."""

    def list_templates(self) -> list[Template]:
        """Interview templates by name, at most 200, in the vendor's order."""

    def verify_webhook(self, *, url: str, secret: str, headers: Mapping[str, str], body: Mapping[str, object]) -> bool:
        """True when the signature fits. `url` is our endpoint as the vendor knows it."""

    def parse_webhook(self, body: Mapping[str, object]) -> WebhookEvent | None:
        """The event of a verified body; None when it is of a kind that we do not use, or malformed."""
