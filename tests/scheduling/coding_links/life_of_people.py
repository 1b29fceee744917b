"""A random life's rules for people."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from scheduling import coding_links
from scheduling.models import Candidate, CodingLink, Interview, LinkState, Schedule
from tests.scheduling.coding_links.life import HOURS, NEW_ADDRESSES, NEW_NAMES, Life, which


class LifeOfPeople(Life):
    """Rules by which people change interviews, candidates and links."""

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
        coding_links.candidate_changed(candidate=candidate)

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
        coding_links.candidate_changed(candidate=candidate)

    def event(self, number: int) -> None:
        """Receive a webhook that says something about a link, rightly or not."""
        if (link := self.link_of(number)) is not None and link.external_id:
            coding_links.vendor_says(integration=self.bench.integration, external_id=link.external_id)
