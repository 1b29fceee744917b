"""A machine that does to links whatever may happen to them, in any order, and looks after each step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from integrations.actions import disconnect, forget_keys
from integrations.models import Integration, KeyCheck
from integrations.sandbox import Fault, InterviewView, Sandbox, Settings, VendorError
from jobs.models import InterviewPlan, Job, PlanInterview, Stage
from organizations.models import Organization
from scheduling import coding_links
from scheduling.models import Candidate, CodingLink, Interview, LinkState, Schedule, VendorSnapshot
from scheduling.models.coding_links import IN_FLIGHT
from tests.scheduling.coding_links.conftest import Bench, Crash
from tests.scheduling.coding_links.truth import (
    check_never_two,
    check_pages,
    let_pass,
    ours_at_vendor,
    quiet,
    reasons,
    rows_on_page,
)

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
DEEDS = ["plan", "request", "remove", "edit", "look"]
MEANWHILE = [
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
    """What somebody else's interview looked like when it was made there by hand."""

    status: str
    candidate_name: str | None
    candidate_email: str | None

    @classmethod
    def of(cls, one: InterviewView) -> Seen:
        return cls(one.status, one.candidate_name, one.candidate_email)


class RandomLife(RuleBasedStateMachine):
    """One organization's links, from nothing to the end of all trouble."""

    bench: Bench

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self.bench = bench
        self.foreign: dict[str, Seen] = {}
        self.taken_by_hand: set[str] = set()
        self.deleted_by_hand: set[str] = set()
        self.companies, self.names = 1, 0
        self._fresh_start()

    def _fresh_start(self) -> None:
        bench = self.bench
        bench.clock.move_to(datetime(2027, 3, 1, 9, tzinfo=timezone.get_current_timezone()))
        wipe(bench)
        self.company("Acme Corp")
        Integration.objects.update(next_write_at=timezone.now(), next_read_at=timezone.now())
        self.coding = PlanInterview.objects.create(
            organization=bench.team.organization, plan=plan_in(bench), name="Coding", link_tool="codesignal"
        )
        for name, email in PEOPLE:
            Candidate.objects.create(organization=bench.team.organization, name=name, email=email)

    # -- what people do ------------------------------------------------------------------------------------------

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

    @initialize(person=which, hours=st.sampled_from(HOURS))
    def begin(self, person: int, hours: int) -> None:
        self.plan(person, hours, asked=True)

    @precondition(lambda self: Interview.objects.count() < 5)
    @rule(person=which, hours=st.sampled_from(HOURS), asked=st.booleans(), by_plan=st.booleans())
    def plan(self, person: int, hours: int, asked: bool, by_plan: bool = False) -> None:
        candidate = self.person(person)
        schedule = Schedule.objects.create(organization=self.bench.team.organization, candidate=candidate)
        start = timezone.now() + timedelta(hours=hours)
        interview = Interview.objects.create(
            organization=schedule.organization,
            schedule=schedule,
            name="Coding",
            starts_at=start,
            ends_at=start + timedelta(hours=1),
            plan_interview=self.coding if by_plan else None,
        )
        if by_plan:  # as where a schedule is made: without a connection, nothing is asked for
            coding_links.request_default_links(schedule=schedule, actor=None)
        elif asked:
            self.ask(interview)

    def ask(self, interview: Interview) -> None:
        try:
            self.bench.request(interview)
        except coding_links.LinkError:
            self.bench.integration.refresh_from_db()
            gone = not self.bench.integration.is_connected
            assert gone or interview.is_cancelled or interview.ends_at + timedelta(hours=1) <= timezone.now()

    def request(self, number: int) -> None:
        if (interview := self.pick(number)) is not None:
            self.ask(interview)

    def remove(self, number: int) -> None:
        if (link := self.link_of(number)) is not None:
            try:
                coding_links.remove_link(link=link, actor=None)
            except coding_links.LinkError:
                assert CodingLink.objects.get(pk=link.pk).state == LinkState.ACTIVE

    @rule(number=which)
    def retry(self, number: int) -> None:
        if (link := self.link_of(number)) is not None:
            coding_links.retry_link(link=link, actor=None)

    @rule(number=which, choice=st.integers(0, 3))
    def choose(self, number: int, choice: int) -> None:
        link = self.link_of(number)
        if link is None or not link.choices:
            return
        ids = ["", *(one["id"] for one in link.choices)]
        chosen = ids[choice % len(ids)]
        try:
            after = coding_links.choose_link(link=link, external_id=chosen, actor=None)
        except coding_links.LinkError:
            assert CodingLink.objects.filter(external_id=chosen).exists()
        else:
            after.refresh_from_db()
            self.taken_by_hand |= {after.external_id} - {""}

    @rule(number=which, hours=st.sampled_from([-240, -24, 24, 240, 480]))
    def move(self, number: int, hours: int) -> None:
        interview = self.pick(number)
        if interview is None:
            return
        interview.starts_at += timedelta(hours=hours)
        interview.ends_at += timedelta(hours=hours)
        interview.save()
        coding_links.interview_changed(interview=interview, actor=None)

    @rule(number=which)
    def cancel(self, number: int) -> None:
        if (interview := self.pick(number)) is not None:
            interview.state = Interview.State.CANCELLED
            interview.save()
            coding_links.interview_cancelled(interview=interview, actor=None)

    @rule(number=which)
    def delete_schedule(self, number: int) -> None:
        if (interview := self.pick(number)) is not None:
            coding_links.interview_cancelled(interview=interview, actor=None)
            interview.schedule.delete()

    @rule(person=which, name=st.sampled_from(NEW_NAMES), email=st.sampled_from(NEW_ADDRESSES))
    def edit(self, person: int, name: str, email: str) -> None:
        candidate = self.person(person)
        candidate.name, candidate.email = name, email
        candidate.save()
        coding_links.candidate_changed(candidate=candidate, actor=None)

    def rename(self, number: int) -> None:
        if (interview := self.pick(number)) is not None:
            self.rename_one(interview.schedule.candidate)

    def rename_all(self) -> None:
        for candidate in Candidate.objects.order_by("id"):
            self.rename_one(candidate)

    def rename_one(self, candidate: Candidate) -> None:
        self.names += 1
        candidate.name = f"Name {self.names}"
        candidate.save()
        coding_links.candidate_changed(candidate=candidate, actor=None)

    def event(self, number: int) -> None:
        """A webhook says something about a link, rightly or not."""
        if (link := self.link_of(number)) is not None and link.external_id:
            coding_links.vendor_says(integration=self.bench.integration, external_id=link.external_id)

    # -- the key -------------------------------------------------------------------------------------------------

    def company(self, name: str) -> None:
        """Connects with a new key of this company, as the settings do."""
        self.bench.connect(name, self.bench.sandbox.vendor.company_named(name).id)
        self.key = self.bench.integration.api_key

    @rule()
    def same_company(self) -> None:
        old = self.key
        self.company(self.bench.integration.company_name)
        self.bench.sandbox.revoke(old)

    @rule(delete_links=st.booleans())
    def disconnected(self, delete_links: bool) -> None:
        """No request is lost by it, and none stays in the hands of a worker who would send it with the old key."""
        waiting = [LinkState.PENDING, LinkState.UNKNOWN, LinkState.FAILED]
        before = dict(CodingLink.objects.filter(state__in=waiting).values_list("pk", "state"))
        was_connected = self.bench.integration.is_connected
        disconnect(integration=self.bench.integration, actor=self.bench.team.admin.user, delete_links=delete_links)
        self.bench.integration.refresh_from_db()
        after = dict(CodingLink.objects.filter(pk__in=before).values_list("pk", "state"))
        assert after == before, self.report("a disconnect took a request away")
        claimed = CodingLink.objects.filter(state=LinkState.PENDING).exclude(claim="")
        assert not (was_connected and claimed.exists()), self.report("a request may still go out with the old key")

    @precondition(lambda self: not self.bench.integration.is_connected)
    @rule()
    def connected_again(self) -> None:
        self.company(self.bench.integration.company_name)

    @rule(delete_links=st.booleans(), seconds=st.sampled_from([0, *STEPS]), other=st.booleans())
    def disconnected_for_a_while(self, delete_links: bool, seconds: int, other: bool) -> None:
        """And then connected again, with a key of the same company or of another."""
        self.disconnected(delete_links)
        if seconds:
            self.time_passes(seconds)
        if other and self.companies < 3:
            self.other_company()
        else:
            self.connected_again()

    @precondition(lambda self: self.companies < 3)
    @rule()
    def other_company(self) -> None:
        """What was waiting, and never reached the old company, waits for the new one."""
        waiting = set(CodingLink.objects.filter(state=LinkState.PENDING).values_list("pk", flat=True))
        self.companies += 1
        self.company(f"Company {self.companies}")
        still = set(CodingLink.objects.filter(state=LinkState.PENDING).values_list("pk", flat=True))
        assert waiting <= still, self.report("a request was lost with the old company")

    @rule()
    def revoke(self) -> None:
        try:
            self.bench.sandbox.revoke(self.key)
        except VendorError:
            return

    # -- the vendor ----------------------------------------------------------------------------------------------

    @rule(fault=st.sampled_from(FAULTS), operation=st.sampled_from(OPERATIONS), times=st.integers(1, 3))
    def trouble(self, fault: Fault, operation: str, times: int) -> None:
        self.bench.sandbox.fault(fault, operation=operation, times=1 if fault.silent else times)

    @rule(person=which, same_name=st.booleans())
    def by_hand(self, person: int, same_name: bool) -> None:
        """Somebody makes an interview for the same candidate at CodeSignal. With the same name, while a create is on
        its way or its look is still fresh, nobody could tell it from ours: then it gets another name."""
        candidate = self.person(person)
        close = CodingLink.objects.filter(IN_FLIGHT).exists() or VendorSnapshot.objects.exists()
        name = candidate.name if same_name and not close else f"{candidate.name} (by hand)"
        made = self.bench.sandbox.add_interview(
            company=self.bench.integration.company_name, candidate_email=candidate.email or None, candidate_name=name
        )
        self.foreign[made.id] = Seen.of(made)

    def by_hand_for_all(self) -> None:
        for person in range(len(PEOPLE)):
            self.by_hand(person, same_name=False)

    @rule(number=which)
    def deleted_there(self, number: int) -> None:
        link = self.link_of(number)
        if link is not None and link.state == LinkState.READY and link.external_id in ours_at_vendor(self.bench):
            self.bench.sandbox.delete(link.external_id)
            self.deleted_by_hand.add(link.external_id)

    @rule(number=which)
    def started_there(self, number: int) -> None:
        link = self.link_of(number)
        if link is not None and link.state == LinkState.READY and link.external_id in ours_at_vendor(self.bench):
            try:
                self.bench.sandbox.start_interview(link.external_id)
            except VendorError:
                return

    # -- the workers ---------------------------------------------------------------------------------------------

    @rule()
    def last_nudge(self) -> None:
        self.one_nudge(-1)

    def one_nudge(self, position: int) -> None:
        if self.bench.workers.nudges:
            self.bench.workers.do(self.bench.workers.nudges.pop(position))

    @precondition(lambda self: len(self.bench.workers.nudges) < 20)
    @rule()
    def nudges_twice(self) -> None:
        self.bench.workers.nudges *= 2

    @rule()
    def nudges_lost(self) -> None:
        self.bench.workers.lose_all()

    @rule(
        number=which,
        deed=st.sampled_from(DEEDS),
        fault=st.sampled_from([None, *NASTY, *FAULTS]),
        meanwhile=st.sampled_from([None, *MEANWHILE]),
        call=st.integers(0, 2),
        after=st.booleans(),
    )
    def at_work(
        self, number: int, deed: str, fault: Fault | None, meanwhile: str | None, call: int, after: bool
    ) -> None:
        """Somebody does something and the workers begin with it: the vendor is in trouble, and before or after one of
        the calls something else happens."""
        reached = {"remove": "deleteLiveInterview", "edit": "editLiveInterview", "look": "liveInterview"}
        if fault is not None:
            self.bench.sandbox.fault(fault, operation=reached.get(deed, "createLiveInterview"))
        if meanwhile is not None:
            moments = self.bench.boundary.after if after else self.bench.boundary.before
            moments[:] = [*[None] * call, self.happening(meanwhile, number)]
        self.do(deed, number)
        self.bench.run()

    def do(self, deed: str, number: int) -> None:
        if deed == "plan" and Interview.objects.count() < 6:
            self.plan(number, 30, asked=True)
        elif deed == "request":
            self.request(number)
        elif deed == "remove":
            self.remove(number)
        elif deed == "edit":
            self.rename(number)
        elif (link := self.link_of(number)) is not None and link.external_id:
            coding_links.vendor_says(integration=self.bench.integration, external_id=link.external_id)

    def happening(self, what: str, number: int) -> Callable[[], None]:
        """What another does, or what befalls the worker, while a call of the vendor is under way."""

        def crash() -> None:
            raise Crash

        happenings: dict[str, Callable[[], None]] = {
            "crash": crash,
            "remove": lambda: self.remove(number),
            "move": lambda: self.move(number, 480),
            "cancel": lambda: self.cancel(number),
            "edit": lambda: self.rename_all(),
            "request": lambda: self.request(number),
            "event": lambda: self.event(number),
            "by hand": lambda: self.by_hand_for_all(),
            "same company": lambda: self.same_company(),
            "delete": lambda: self.delete_schedule(number),
            "retry": lambda: self.retry(number),
            "choose": lambda: self.choose(number, 1),
            "disconnect": lambda: self.disconnected(delete_links=False),
            "disconnect and delete": lambda: self.disconnected(delete_links=True),
        }
        return happenings[what]

    @rule(deed=st.sampled_from(DEEDS), number=which, call=st.integers(0, 2), after=st.booleans())
    def other_company_at_work(self, deed: str, number: int, call: int, after: bool) -> None:
        if self.companies < 3:
            moments = self.bench.boundary.after if after else self.bench.boundary.before
            moments[:] = [*[None] * call, self.other_company]
        self.do(deed, number)
        self.bench.run()

    @rule(seconds=st.sampled_from(STEPS))
    def time_passes(self, seconds: int) -> None:
        quiet(self.bench)
        self.bench.later(seconds)
        forget_keys()

    # -- what must hold ------------------------------------------------------------------------------------------

    def allowed_leftovers(self) -> int:
        """How many interviews of ours the histories admit to have left at the vendor."""
        history = [event for link in CodingLink.objects.prefetch_related("events") for event in link.events.all()]
        return sum(
            event.code in LEFT_THERE or event.params.get("because") in {"left_as_is", "left_elsewhere", "expired_there"}
            for event in history
        )

    def orphans(self) -> set[str]:
        """Live at the vendor by our doing, and neither in a row nor shown to a person who is to choose."""
        rows = CodingLink.objects.exclude(state=LinkState.CANCELLED).values_list("external_id", flat=True)
        shown = {choice["id"] for choices in CodingLink.objects.values_list("choices", flat=True) for choice in choices}
        return set(ours_at_vendor(self.bench)) - set(rows) - shown

    @invariant()
    def never_wrong(self) -> None:
        check_pages(self.bench)
        check_never_two(self.bench)
        on_their_way = CodingLink.objects.filter(state__in=[LinkState.CREATING, LinkState.UNKNOWN]).count()
        assert len(self.orphans()) <= on_their_way + self.allowed_leftovers(), self.report("more than was asked for")

    @invariant()
    def nothing_foreign_is_touched(self) -> None:
        now = {one.id: one for one in self.bench.sandbox.interviews(live_only=False)}
        for external_id, before in self.foreign.items():
            if external_id not in self.taken_by_hand and now[external_id].status != "over":
                assert Seen.of(now[external_id]) == before, self.report("a foreign interview was touched")
        adopted = CodingLink.objects.filter(external_id__in=set(self.foreign) - self.taken_by_hand)
        assert not adopted.exists(), self.report("a foreign interview was adopted")

    def teardown(self) -> None:
        """All trouble ends and time passes: each wanted interview has one working link, or says what is wrong."""
        bench = self.bench
        bench.sandbox.clear_faults()
        bench.boundary.before.clear()
        bench.boundary.after.clear()
        self.company(bench.integration.company_name)
        let_pass(bench, hours=3)
        self.never_wrong()
        self.nothing_foreign_is_touched()
        for row in rows_on_page(bench):
            self.check_row(row)
            self.check_plan(row)
        assert len(self.orphans()) <= self.allowed_leftovers(), self.report("left over at the vendor")

    def check_row(self, row: Any) -> None:
        link, live = row.link, {one.id: one for one in self.bench.sandbox.interviews(live_only=True)}
        if link is None or link.state in {LinkState.CANCELLED, LinkState.EXPIRED, LinkState.FINISHED}:
            return
        if link.state not in {LinkState.READY, LinkState.ACTIVE}:
            assert link.waits_for_window or row.view.problem, self.report(f"{link} hangs without a word")
            return
        there = live.get(link.external_id)
        elsewhere = link.company_id != self.bench.integration.company_id
        deleted = link.external_id in self.deleted_by_hand
        assert there is not None or elsewhere or deleted, self.report(f"{link} is dead")
        candidate = row.interview.schedule.candidate
        if there is not None and not elsewhere and not link.problem_code:
            told = (there.candidate_name, (there.candidate_email or "").lower())
            assert told == (candidate.name, candidate.email.lower()), self.report(f"{link} is under another name")

    def check_plan(self, row: Any) -> None:
        """Connected at last, a coming interview whose plan asks for a link has one, or a word why not, or had one that
        was used, or a person took it away."""
        interview, link = row.interview, row.link
        if interview.plan_interview_id is None or interview.is_cancelled or interview.ends_at <= timezone.now():
            return
        if link is None or link.state in {LinkState.CANCELLED, LinkState.CANCELLING, LinkState.EXPIRED}:
            codes = self.bench.codes(link) if link is not None else []
            taken = "removed" in codes or (link is not None and link.cancel_asked)
            assert taken, self.report(f"interview {interview.pk} has no link though its plan asks for one")

    def report(self, what: str) -> str:
        return "\n".join([what, *reasons(self.bench), f"orphans: {self.orphans()}", f"by hand: {set(self.foreign)}"])


def wipe(bench: Bench) -> None:
    """No rows and an empty vendor, for the next life."""
    CodingLink.objects.all().delete()
    VendorSnapshot.objects.all().delete()
    for model in (Interview, Schedule, Candidate, KeyCheck):
        model.objects.all().delete()
    Integration.objects.filter(organization=Organization.objects.get(pk=bench.team.organization.pk)).delete()
    bench.workers.lose_all()
    bench.boundary.before.clear()
    bench.boundary.after.clear()


def plan_in(bench: Bench) -> InterviewPlan:
    organization = bench.team.organization
    job, _made = Job.objects.get_or_create(organization=organization, title="Engineer")
    stage, _made = Stage.objects.get_or_create(organization=organization, job=job, name="Onsite")
    return InterviewPlan.objects.get_or_create(organization=organization, stage=stage)[0]


def new_vendor(bench: Bench) -> Sandbox:
    """Takes the place of the one before, which ends."""
    bench.sandbox.stop()
    bench.sandbox = Sandbox(settings=Settings(hold=0.35))
    bench.sandbox.configure(queries_per_second=0, mutations_per_second=0)
    return bench.sandbox.start()
