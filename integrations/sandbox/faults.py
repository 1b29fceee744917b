"""Faults between a caller and the vendor, as rules that tests and people set."""

from __future__ import annotations

import enum
import random
import threading
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Generic, TypeVar

OPERATIONS = (
    "createLiveInterview",
    "editLiveInterview",
    "deleteLiveInterview",
    "liveInterview",
    "liveInterviews",
    "company",
    "interviewTemplates",
)
ANY = "any"


class Acts(enum.Enum):
    """When a faulty request does its work at the vendor."""

    NEVER = "never"
    FIRST = "first"
    LATE = "late"


class Fault(enum.StrEnum):
    """A kind of trouble. BEFORE: the vendor did nothing. AFTER: it acted, and the answer is faulty."""

    DROP_BEFORE = "drop_before"
    DROP_AFTER = "drop_after"
    ERROR_500_BEFORE = "error_500_before"
    ERROR_500_AFTER = "error_500_after"
    BAD_GATEWAY_BEFORE = "bad_gateway_before"
    BAD_GATEWAY_AFTER = "bad_gateway_after"
    UNAVAILABLE = "unavailable"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    RATE_LIMITED_RETRY_AFTER = "rate_limited_retry_after"
    RATE_LIMITED_BARE = "rate_limited_bare"
    RATE_LIMITED_IN_200 = "rate_limited_in_200"
    ERRORS_IN_200_BEFORE = "errors_in_200_before"
    ERRORS_IN_200_AFTER = "errors_in_200_after"
    NULL_DATA_BEFORE = "null_data_before"
    NULL_DATA_AFTER = "null_data_after"
    NULL_FIELD_BEFORE = "null_field_before"
    NULL_FIELD_AFTER = "null_field_after"
    CUT_JSON_AFTER = "cut_json_after"
    CUT_BODY_AFTER = "cut_body_after"
    EMPTY_BODY_AFTER = "empty_body_after"
    SILENCE_BEFORE = "silence_before"
    SILENCE_AFTER = "silence_after"
    SILENCE_THEN_ACT = "silence_then_act"

    @property
    def acts(self) -> Acts:
        """When the request that it hits still does its work."""
        if self is Fault.SILENCE_THEN_ACT:
            return Acts.LATE
        return Acts.FIRST if self.value.endswith("_after") and self not in _NOT_AFTER else Acts.NEVER

    @property
    def silent(self) -> bool:
        """True for those that hold the connection and then close it without an answer."""
        return self in (Fault.SILENCE_BEFORE, Fault.SILENCE_AFTER, Fault.SILENCE_THEN_ACT)

    @property
    def label(self) -> str:
        """The fault in words, for the sandbox's pages."""
        return _LABELS[self]


# Its name ends in the header's name, not in a moment.
_NOT_AFTER = frozenset({Fault.RATE_LIMITED_RETRY_AFTER})

_LABELS = {
    Fault.DROP_BEFORE: "Drop the connection, nothing done",
    Fault.DROP_AFTER: "Act, then drop the connection",
    Fault.ERROR_500_BEFORE: "HTTP 500, nothing done",
    Fault.ERROR_500_AFTER: "Act, then HTTP 500",
    Fault.BAD_GATEWAY_BEFORE: "HTTP 502 with HTML, nothing done",
    Fault.BAD_GATEWAY_AFTER: "Act, then HTTP 502 with HTML",
    Fault.UNAVAILABLE: "HTTP 503, nothing done",
    Fault.UNAUTHORIZED: "HTTP 401, nothing done",
    Fault.FORBIDDEN: "HTTP 403, nothing done",
    Fault.RATE_LIMITED_RETRY_AFTER: "HTTP 429 with Retry-After, nothing done",
    Fault.RATE_LIMITED_BARE: "HTTP 429 without Retry-After, nothing done",
    Fault.RATE_LIMITED_IN_200: "HTTP 200 with a rate limit error, nothing done",
    Fault.ERRORS_IN_200_BEFORE: "HTTP 200 with errors, nothing done",
    Fault.ERRORS_IN_200_AFTER: "Act, then HTTP 200 with errors",
    Fault.NULL_DATA_BEFORE: "HTTP 200 with data null, nothing done",
    Fault.NULL_DATA_AFTER: "Act, then HTTP 200 with data null",
    Fault.NULL_FIELD_BEFORE: "HTTP 200 with the field null, nothing done",
    Fault.NULL_FIELD_AFTER: "Act, then HTTP 200 with the field null",
    Fault.CUT_JSON_AFTER: "Act, then a complete answer of half the JSON",
    Fault.CUT_BODY_AFTER: "Act, then close in the middle of the answer",
    Fault.EMPTY_BODY_AFTER: "Act, then an empty answer",
    Fault.SILENCE_BEFORE: "Say nothing, then close, nothing done",
    Fault.SILENCE_AFTER: "Act, say nothing, then close",
    Fault.SILENCE_THEN_ACT: "Say nothing, then act, then close",
}


Kind = TypeVar("Kind", bound=enum.StrEnum)


@dataclass(slots=True)
class Rule(Generic[Kind]):
    """One programmed fault. `times`: how often it is applied in all; None with a probability: no end.

    `hold`: seconds of silence, `retry_after`: seconds for the header; both None for the settings' own.
    """

    id: int
    fault: Kind
    operation: str
    times: int | None
    probability: float
    seed: int | None
    hold: float | None = None
    retry_after: int = 1
    applied: int = 0
    dice: random.Random = field(default_factory=random.Random, repr=False)

    @property
    def left(self) -> int | None:
        """How often it will still apply; None: until it is cleared."""
        return None if self.times is None else self.times - self.applied

    def applies_to(self, operations: Collection[str]) -> bool:
        """Whether it applies to this request; rolls the dice and counts."""
        if self.operation != ANY and self.operation not in operations:
            return False
        if self.left == 0:
            return False
        if self.probability < 1 and self.dice.random() >= self.probability:
            return False
        self.applied += 1
        return True


class FaultPlan(Generic[Kind]):
    """The rules in force, for one vendor's faults and operations. The first that applies wins; the rest do not see that
    request."""

    def __init__(self, faults: type[Kind], operations: Collection[str] = OPERATIONS) -> None:
        self._lock = threading.Lock()
        self._faults, self._operations = faults, operations
        self._rules: list[Rule[Kind]] = []
        self._last_id = 0
        self.fired: Counter[str] = Counter()

    def add(
        self,
        fault: Kind | str,
        *,
        operation: str = ANY,
        times: int | None = None,
        probability: float | None = None,
        seed: int | None = None,
        hold: float | None = None,
        retry_after: int = 1,
    ) -> int:
        """Add a rule and return its number: it applies to the next `times` requests, or to each with a probability, and
        once without both.

        Raises ValueError, with what to change, for an unknown operation or a number out of range.
        """
        known = self._faults(fault)  # from another process it comes as text
        if operation != ANY and operation not in self._operations:
            raise ValueError(f"Unknown operation. Use one of: {', '.join((ANY, *self._operations))}.")
        if probability is not None and not 0 < probability <= 1:
            raise ValueError("The probability must be above 0 and at most 1.")
        if times is not None and times < 1:
            raise ValueError("The number of times must be 1 or more.")
        if hold is not None and hold < 0:
            raise ValueError("The silence cannot be shorter than 0 seconds.")
        if times is None and probability is None:
            times = 1
        # Not for secrets: a seed makes a run repeatable.
        dice = random.Random(seed)  # noqa: S311
        with self._lock:
            self._last_id += 1
            self._rules.append(
                Rule(
                    self._last_id,
                    known,
                    operation,
                    times,
                    probability or 1.0,
                    seed,
                    hold,
                    retry_after,
                    dice=dice,
                )
            )
            return self._last_id

    def next_for(self, operations: Collection[str]) -> Rule[Kind] | None:
        """The rule that applies to a request for these operations, if any."""
        with self._lock:
            for rule in self._rules:
                if rule.applies_to(operations):
                    self.fired[rule.fault.value] += 1
                    return rule
        return None

    def clear(self) -> None:
        """Take all rules away; `fired` stays."""
        with self._lock:
            self._rules.clear()

    def rules(self) -> list[Rule[Kind]]:
        """The rules that can still apply."""
        with self._lock:
            return [rule for rule in self._rules if rule.left != 0]
