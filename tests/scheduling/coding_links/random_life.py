"""A Hypothesis state machine: does to links whatever may happen to them, in any order, and checks after each step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from integrations.models import Integration, KeyCheck
from integrations.sandbox import Fault, Sandbox, Settings
from jobs.models import InterviewPlan, Job, PlanInterview, Stage
from organizations.models import Organization
from scheduling import coding_links
from scheduling.models import Candidate, CodingLink, Interview, LinkState, Schedule, VendorSnapshot
from tests.scheduling.coding_links.conftest import Bench, Crash
from tests.scheduling.coding_links.life import ACTS, DURING_A_CALL, FAULTS, LEFT_THERE, NASTY, PEOPLE, Seen, which
from tests.scheduling.coding_links.life_of_a_key import LifeOfAKey
from tests.scheduling.coding_links.truth import (
    check_never_two,
    check_pages,
    let_pass,
    rows_on_page,
)


class RandomLife(LifeOfAKey):
    """The life of one organization's links, from nothing to the end of all trouble."""

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

    @rule()
    def last_message(self) -> None:
        self.one_message(-1)

    def one_message(self, position: int) -> None:
        if self.bench.workers.messages:
            self.bench.workers.do(self.bench.workers.messages.pop(position))

    @precondition(lambda self: len(self.bench.workers.messages) < 20)
    @rule()
    def messages_twice(self) -> None:
        self.bench.workers.messages *= 2

    @rule()
    def messages_lost(self) -> None:
        self.bench.workers.lose_all()

    @rule(
        number=which,
        act=st.sampled_from(ACTS),
        fault=st.sampled_from([None, *NASTY, *FAULTS]),
        during_a_call=st.sampled_from([None, *DURING_A_CALL]),
        call=st.integers(0, 2),
        after=st.booleans(),
    )
    def at_work(
        self, number: int, act: str, fault: Fault | None, during_a_call: str | None, call: int, after: bool
    ) -> None:
        """Let a person act and the workers begin with it: the vendor is in trouble, and before or after one of
        the calls something else happens."""
        reached = {"remove": "deleteLiveInterview", "edit": "editLiveInterview", "look": "liveInterview"}
        if fault is not None:
            self.bench.sandbox.fault(fault, operation=reached.get(act, "createLiveInterview"))
        if during_a_call is not None:
            moments = self.bench.boundary.after if after else self.bench.boundary.before
            moments[:] = [*[None] * call, self.happening(during_a_call, number)]
        self.do(act, number)
        self.bench.run()

    def do(self, act: str, number: int) -> None:
        if act == "plan" and Interview.objects.count() < 6:
            self.plan(number, 30, asked=True)
        elif act == "request":
            self.request(number)
        elif act == "remove":
            self.remove(number)
        elif act == "edit":
            self.rename(number)
        elif (link := self.link_of(number)) is not None and link.external_id:
            coding_links.vendor_says(integration=self.bench.integration, external_id=link.external_id)

    def happening(self, what: str, number: int) -> Callable[[], None]:
        """Another person's act, or a fault of the worker, that happens during a call of the vendor."""

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

    @rule(act=st.sampled_from(ACTS), number=which, call=st.integers(0, 2), after=st.booleans())
    def other_company_at_work(self, act: str, number: int, call: int, after: bool) -> None:
        if self.companies < 3:
            moments = self.bench.boundary.after if after else self.bench.boundary.before
            moments[:] = [*[None] * call, self.other_company]
        self.do(act, number)
        self.bench.run()

    def allowed_orphans(self) -> int:
        """The number of our interviews that the histories say were left at the vendor."""
        history = [event for link in CodingLink.objects.prefetch_related("events") for event in link.events.all()]
        return sum(
            event.code in LEFT_THERE or event.params.get("because") in {"left_as_is", "left_elsewhere", "expired_there"}
            for event in history
        )

    @invariant()
    def never_wrong(self) -> None:
        check_pages(self.bench)
        check_never_two(self.bench)
        on_their_way = CodingLink.objects.filter(state__in=[LinkState.CREATING, LinkState.UNKNOWN]).count()
        assert len(self.orphans()) <= on_their_way + self.allowed_orphans(), self.report("more than was asked for")

    @invariant()
    def nothing_foreign_is_touched(self) -> None:
        now = {one.id: one for one in self.bench.sandbox.interviews(live_only=False)}
        for external_id, before in self.foreign.items():
            if external_id not in self.taken_by_hand and now[external_id].status != "over":
                assert Seen.of(now[external_id]) == before, self.report("a foreign interview was touched")
        adopted = CodingLink.objects.filter(external_id__in=set(self.foreign) - self.taken_by_hand)
        assert not adopted.exists(), self.report("a foreign interview was adopted")

    def teardown(self) -> None:
        """End all trouble and let time pass: each wanted interview has one working link, or says what is wrong."""
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
        assert len(self.orphans()) <= self.allowed_orphans(), self.report("left over at the vendor")

    def check_row(self, row: Any) -> None:
        link, live = row.link, {one.id: one for one in self.bench.sandbox.interviews(live_only=True)}
        if link is None or link.state in {LinkState.CANCELLED, LinkState.EXPIRED, LinkState.FINISHED}:
            return
        if link.state not in {LinkState.READY, LinkState.ACTIVE}:
            assert link.is_too_early or row.view.problem, self.report(f"{link} hangs without a word")
            return
        there = live.get(link.external_id)
        elsewhere = link.company_id != self.bench.integration.company_id
        deleted = link.external_id in self.deleted_by_hand
        assert there is not None or elsewhere or deleted, self.report(f"{link} is dead")
        candidate = row.interview.schedule.candidate
        if there is not None and not elsewhere and not link.problem_code:
            at_vendor = (there.candidate_name, (there.candidate_email or "").lower())
            assert at_vendor == (candidate.name, candidate.email.lower()), self.report(f"{link} is under another name")

    def check_plan(self, row: Any) -> None:
        """Check that, once connected, a coming interview whose plan asks for a link has one, or a reason, or one that
        was used, or a person took it away."""
        interview, link = row.interview, row.link
        if interview.plan_interview_id is None or interview.is_cancelled or interview.ends_at <= timezone.now():
            return
        if link is None or link.state in {LinkState.CANCELLED, LinkState.CANCELLING, LinkState.EXPIRED}:
            codes = self.bench.codes(link) if link is not None else []
            taken = "removed" in codes or (link is not None and link.cancel_asked)
            assert taken, self.report(f"interview {interview.pk} has no link though its plan asks for one")


def wipe(bench: Bench) -> None:
    """Delete all rows and empty the vendor, for the next life."""
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
    """Start a vendor in place of the one before, which ends."""
    bench.sandbox.stop()
    bench.sandbox = Sandbox(settings=Settings(hold=0.35))
    bench.sandbox.configure(queries_per_second=0, mutations_per_second=0)
    return bench.sandbox.start()
