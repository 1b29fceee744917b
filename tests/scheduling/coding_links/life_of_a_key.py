"""A random life's rules for the key and for the vendor."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from integrations.actions import disconnect
from integrations.sandbox import Fault, VendorError
from scheduling.models import CodingLink, LinkState, VendorSnapshot
from scheduling.models.coding_links import IN_FLIGHT
from tests.scheduling.coding_links.life import FAULTS, OPERATIONS, PEOPLE, STEPS, Seen, which
from tests.scheduling.coding_links.life_of_people import LifeOfPeople
from tests.scheduling.coding_links.truth import (
    ours_at_vendor,
)


class LifeOfAKey(LifeOfPeople):
    """Rules that change the key, its company, and interviews at the vendor."""

    def company(self, name: str) -> None:
        """Connect with a new key of this company, as the settings do."""
        self.bench.connect(name, self.bench.sandbox.vendor.company_named(name).id)
        self.key = self.bench.integration.api_key

    @rule()
    def same_company(self) -> None:
        old = self.key
        self.company(self.bench.integration.company_name)
        self.bench.sandbox.revoke(old)

    @rule(delete_links=st.booleans())
    def disconnected(self, delete_links: bool) -> None:
        """Disconnect: no request is lost, and none stays claimed by a worker that would send it with the old key."""
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
        """Disconnect, and connect again with a key of the same company or of another."""
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
        """Change the company: a request that was waiting, and never reached the old one, waits for the new one."""
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

    @rule(fault=st.sampled_from(FAULTS), operation=st.sampled_from(OPERATIONS), times=st.integers(1, 3))
    def trouble(self, fault: Fault, operation: str, times: int) -> None:
        self.bench.sandbox.fault(fault, operation=operation, times=1 if fault.silent else times)

    @rule(person=which, same_name=st.booleans())
    def by_hand(self, person: int, same_name: bool) -> None:
        """Make an interview for the same candidate at CodeSignal by hand. With the same name, while a create is on
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
