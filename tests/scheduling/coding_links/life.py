"""The base of a random life: its people, the values that rules draw from, and the report of a broken promise."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from integrations.actions import forget_keys
from integrations.sandbox import Fault, InterviewView
from jobs.models import PlanInterview
from scheduling.models import Candidate, CodingLink, Interview, LinkState
from tests.scheduling.coding_links.conftest import Bench
from tests.scheduling.coding_links.truth import ours_at_vendor, quiet, reasons, rows_on_page

# Two who share an address (spelt twice), two who have none.
PEOPLE = [("Ada Byron", "ada@example.com"), ("Alan T", "ADA@example.com"), ("Nobody", ""), ("Noone", "")]
NEW_NAMES = ["Ada Lovelace", "Ada Byron", "A. L."]
NEW_ADDRESSES = ["ada@example.com", "lovelace@example.com", ""]
HOURS = [1, 30, 13 * 24, 20 * 24]
STEPS = [1, 4, 61, 600, 3600, 86400]
OPERATIONS = ["createLiveInterview", "editLiveInterview", "deleteLiveInterview", "liveInterview", "liveInterviews"]
# Silence costs real time; the matrix has every kind of it.
FAULTS = [fault for fault in Fault if fault is not Fault.SILENCE_BEFORE]
# What a history says when something had to be left at the vendor, by a person's choice or for want of the key.
LEFT_THERE = {"none_chosen", "company_changed", "key_gone"}

# After these nobody knows what the vendor did, or it does it late.
NASTY = [
    Fault.DROP_BEFORE,
    Fault.DROP_AFTER,
    Fault.ERROR_500_AFTER,
    Fault.NULL_FIELD_AFTER,
    Fault.ERRORS_IN_200_BEFORE,
    Fault.SILENCE_THEN_ACT,
]
ACTS = ["plan", "request", "remove", "edit", "look"]
DURING_A_CALL = [
    "crash",
    "remove",
    "move",
    "cancel",
    "edit",
    "request",
    "event",
    "by hand",
    "same company",
    "delete",
    "retry",
    "choose",
    "disconnect",
    "disconnect and delete",
]

which = st.integers(0, 5)


@dataclass(frozen=True)
class Seen:
    """Somebody else's interview as it was when it was made at the vendor by hand."""

    status: str
    candidate_name: str | None
    candidate_email: str | None

    @classmethod
    def of(cls, one: InterviewView) -> Seen:
        return cls(one.status, one.candidate_name, one.candidate_email)


class Life(RuleBasedStateMachine):
    """One organization and its links. The other parts of the machine add rules that change them."""

    bench: Bench
    foreign: dict[str, Seen]
    taken_by_hand: set[str]
    deleted_by_hand: set[str]
    companies: int
    names: int
    key: str
    coding: PlanInterview

    def person(self, number: int) -> Candidate:
        return Candidate.objects.order_by("id")[number % len(PEOPLE)]

    def interviews(self) -> list[Interview]:
        return list(Interview.objects.order_by("id").select_related("schedule__candidate"))

    def pick(self, number: int) -> Interview | None:
        there = self.interviews()
        return there[number % len(there)] if there else None

    def link_of(self, number: int) -> CodingLink | None:
        interview = self.pick(number)
        rows = rows_on_page(self.bench)
        return next((row.link for row in rows if interview is not None and row.interview.pk == interview.pk), None)

    def orphans(self) -> set[str]:
        """Interviews that we made and that are live at the vendor, in no row and not offered to a person to choose."""
        rows = CodingLink.objects.exclude(state=LinkState.CANCELLED).values_list("external_id", flat=True)
        shown = {choice["id"] for choices in CodingLink.objects.values_list("choices", flat=True) for choice in choices}
        return set(ours_at_vendor(self.bench)) - set(rows) - shown

    def report(self, what: str) -> str:
        return "\n".join([what, *reasons(self.bench), f"orphans: {self.orphans()}", f"by hand: {set(self.foreign)}"])

    @rule(seconds=st.sampled_from(STEPS))
    def time_passes(self, seconds: int) -> None:
        quiet(self.bench)
        self.bench.later(seconds)
        forget_keys()
