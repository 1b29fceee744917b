"""The sandbox's data: companies, keys, interviews, and the settings that a person or a test can change.

Times are whole milliseconds since the epoch, as the vendor counts them, unless a name says otherwise.
"""

from __future__ import annotations

import enum
import secrets
import string
from dataclasses import dataclass, field

PERMISSIONS = (
    "liveInterview",
    "liveInterview.company",
    "liveInterview.company.read",
    "liveInterview.company.write",
)
ALL = PERMISSIONS
DEFAULT_COMPANY = "Acme Corp"

HOUR_MS = 3_600_000
MIN_HOURS = 1
MAX_HOURS = 336

EVALUATIONS = ("strong_no", "no", "yes", "strong_yes")
LEVELS = ("Junior", "Middle", "Senior", "Staff")
EVENTS = ("liveInterviewFinished", "liveInterviewFeedbackUpdated")

_ALPHABET = string.ascii_letters + string.digits


def new_id(length: int = 17) -> str:
    """A random id of letters and digits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


class Status(enum.StrEnum):
    """The state of an interview, in the vendor's words."""

    PENDING = "pending"
    ACTIVE = "active"
    OVER = "over"
    DELETED = "deleted"

    @property
    def live(self) -> bool:
        """True while somebody can still use the interview."""
        return self in (Status.PENDING, Status.ACTIVE)


class RateAnswer(enum.StrEnum):
    """How a request over the rate limit is answered; the vendor does not document it."""

    RETRY_AFTER = "429_retry_after"
    BARE = "429"
    ERRORS = "200_errors"


class Refusal(enum.StrEnum):
    """How a bad key or a missing permission is answered; the vendor does not document it."""

    UNAUTHORIZED = "401"
    FORBIDDEN = "403"
    ERRORS = "200_errors"


class Handshake(enum.StrEnum):
    """The "empty payload" that saving a webhook sends; the vendor does not document its form."""

    NOTHING = "nothing"
    EMPTY_OBJECT = "empty_object"


@dataclass(slots=True)
class Settings:
    """Settings that can change while the sandbox runs.

    `latency` and `hold` are seconds, rates are requests per second and key (0: no limit). `webhook_speed` divides every
    wait between webhook deliveries.
    """

    latency: float = 0.0
    queries_per_second: int = 10
    mutations_per_second: int = 5
    rate_answer: RateAnswer = RateAnswer.RETRY_AFTER
    bad_key_answer: Refusal = Refusal.UNAUTHORIZED
    denied_answer: Refusal = Refusal.ERRORS
    hold: float = 30.0
    lists_deleted: bool = True
    max_cost: int = 10_000
    max_depth: int = 10
    webhook_speed: float = 1.0
    handshake: Handshake = Handshake.NOTHING


@dataclass(slots=True)
class Company:
    id: str
    name: str


@dataclass(slots=True)
class Template:
    id: str
    company_id: str
    name: str
    is_default: bool = False
    default_hours: int = MAX_HOURS


@dataclass(slots=True)
class ApiKey:
    """A key as the sandbox keeps it: only its digest, never the key."""

    id: str
    company_id: str
    description: str
    digest: str
    last_four: str
    permissions: list[str]
    created_at: int
    revoked_at: int | None = None


@dataclass(slots=True)
class Feedback:
    """One interviewer's feedback. `scores` maps an attribute's name to 1..4."""

    author_id: str
    author: str
    notes: str = ""
    evaluation: str = ""
    recommended_level: str = ""
    scores: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class LiveInterview:
    id: str
    short: str
    company_id: str
    created_at: int
    expires_at: int
    status: Status = Status.PENDING
    candidate_email: str | None = None
    candidate_name: str | None = None
    team_id: str | None = None
    interviewer_id: str | None = None
    template_id: str | None = None
    lock_template: bool = False
    track_candidate_location: bool | None = None
    disable_description_copy: bool | None = None
    started_at: int | None = None
    finished_at: int | None = None
    expired: bool = False
    key_id: str | None = None
    feedback: list[Feedback] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class InterviewView:
    """An interview as tests and benchmarks see it; a copy, taken at one moment.

    `status` is the vendor's word. `key_id` is None for what was made by hand.
    """

    id: str
    company: str
    url: str
    short_url: str
    status: str
    candidate_email: str | None
    candidate_name: str | None
    template_id: str | None
    lock_template: bool
    created_at: int
    expires_at: int
    started_at: int | None
    finished_at: int | None
    expired: bool
    key_id: str | None
    feedback_count: int

    @property
    def live(self) -> bool:
        """True while the interview is pending or active."""
        return Status(self.status).live
