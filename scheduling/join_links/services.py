"""Join links: stable addresses that always lead to the current coding link of an interview."""

from __future__ import annotations

import enum
import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone

from organizations import audit
from organizations.audit import Person
from organizations.compiled import Compiled, among
from organizations.models import Membership, User
from scheduling.coding_links.validity import GRACE
from scheduling.join_links.meetings import Call, CallState, call_of, entrance, rooms_of, servers_of
from scheduling.models import CodingLink, Interview, InterviewerAssignment, JoinLink, LinkState, Message
from scheduling.models.messages import NOTIFIED, Audience


class JoinState(enum.Enum):
    """The state of a join link's page."""

    REVOKED = "revoked"
    CANCELLED = "cancelled"
    EARLY = "early"
    OPEN = "open"
    PREPARING = "preparing"
    NOT_READY = "not_ready"
    NO_LINK = "no_link"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Visit:
    """A join link as its visitor finds it.

    `url` is the coding link's address; empty unless the state is OPEN. `tool` is the kind of coding tool behind it;
    empty where that is not known yet, or there is none. `call` is the video call; None where it can't be joined now.
    """

    state: JoinState
    opens_at: datetime
    url: str = ""
    tool: str = ""
    call: Call | None = None

    @property
    def is_call_only(self) -> bool:
        """Whether people only meet: nothing is written, so nobody waits for a coding link."""
        return self.state is JoinState.NO_LINK and self.call is not None and not self.tool

    @property
    def refresh_seconds(self) -> int | None:
        """Seconds after which the page polls for its state; None where nothing will change."""
        if self.state is JoinState.PREPARING or (self.call and self.call.state is CallState.BEING_MADE):
            return 4
        if self.state is JoinState.NOT_READY:
            return 15
        if self.state in {JoinState.EARLY, JoinState.NO_LINK}:
            return 60
        return None


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def join_link(*, interview: Interview, membership: Membership | None = None) -> JoinLink:
    """Return the valid join link of the candidate, or of one interviewer; make one where there is none."""
    valid = JoinLink.objects.filter(interview=interview, membership=membership, revoked_at__isnull=True)
    found = valid.first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            new = _new(interview.organization_id, interview.pk, membership.pk if membership else None)
            new.save(force_insert=True)
            return new
    except IntegrityError:
        return valid.get()


def make_missing(schedule_id: int) -> None:
    """Make the join links that people in the schedule's interviews lack. The caller holds the schedule's lock."""
    interviews = Interview.objects.filter(schedule=schedule_id, state=Interview.State.SCHEDULED)
    assignments = InterviewerAssignment.objects.filter(interview__in=interviews)
    valid_and_missing(list(interviews), list(assignments.values_list("interview", "membership")))


def valid(interviews: Collection[Interview]) -> list[JoinLink]:
    """Return the valid join links of the interviews."""
    return _VALID.all([one.pk for one in interviews]) if interviews else []


_VALID: Final = Compiled(
    lambda interviews: JoinLink.objects.filter(among("interview", interviews), revoked_at__isnull=True).order_by("id"),
    list,
)


def valid_and_missing(interviews: Collection[Interview], assigned: Collection[tuple[int, int]]) -> list[JoinLink]:
    """Return the valid join links of the interviews, after making those that people lack. Needs the schedule's lock.

    `assigned` are ids of interviews and memberships. A person whose link was revoked gets no other one here: renewing
    it is somebody's decision.
    """
    there = list(_all_of(interviews))
    known = {(link.interview_id, link.membership_id) for link in there}
    organizations = {interview.pk: interview.organization_id for interview in interviews}
    people: list[tuple[int, int | None]] = [*((interview, None) for interview in organizations), *assigned]
    missing = [_new(organizations[key[0]], *key) for key in people if key not in known]
    made = JoinLink.objects.bulk_create(missing) if missing else []
    return [link for link in [*there, *made] if link.revoked_at is None]


def _all_of(interviews: Collection[Interview]) -> QuerySet[JoinLink]:
    return JoinLink.objects.filter(interview__in=[one.pk for one in interviews]).order_by("id")


def _new(organization_id: int, interview_id: int, membership_id: int | None) -> JoinLink:
    token = secrets.token_urlsafe(24)
    return JoinLink(
        organization_id=organization_id,
        interview_id=interview_id,
        membership_id=membership_id,
        token=token,
        token_hash=hash_of(token),
    )


def address(link: JoinLink) -> str:
    """Return the whole address, as messages and calendar events carry it; empty where the token can't be read."""
    if not link.token:
        return ""
    return f"{settings.BASE_URL}{reverse('join', kwargs={'token': link.token})}"


def find(token: str) -> JoinLink | None:
    """Return the join link of a token, valid or revoked."""
    return (
        JoinLink.objects.select_related(
            *("interview__schedule__candidate", "interview__plan_interview", "interview__room"),
            *("organization", "membership__user"),
        )
        .filter(token_hash=hash_of(token))
        .first()
    )


def resolve_join_state(link: JoinLink) -> Visit:
    """Return the link as a visitor finds it now."""
    interview, now = link.interview, timezone.now()
    opens_at = interview.starts_at - timedelta(minutes=link.organization.join_opens_minutes)
    if link.revoked_at is not None or not _takes_part(link):
        return Visit(JoinState.REVOKED, opens_at)
    if interview.is_cancelled:
        return Visit(JoinState.CANCELLED, opens_at)
    links = CodingLink.objects.filter(interview=interview).exclude(state=LinkState.CANCELLED)
    coding = links.select_related("integration").order_by("-id").first()
    tool = coding.integration.kind if coding is not None else interview.asked_tool
    if now > interview.ends_at + GRACE:
        return Visit(JoinState.OVER, opens_at)
    if now < opens_at:
        return Visit(JoinState.EARLY, opens_at, tool=tool)
    call = _call(interview)
    if coding is not None and _is_done(coding, interview):
        # People may still talk.
        return Visit(JoinState.OVER, opens_at, call=call if now <= interview.ends_at else None)
    state = _state_while_open(coding)
    return Visit(state, opens_at, coding.url if coding is not None and state is JoinState.OPEN else "", tool, call)


def _call(interview: Interview) -> Call | None:
    if not interview.meeting:
        return None
    return call_of(interview, rooms_of(interview), servers_of(interview.organization_id, [interview.meeting]))


def call_address(link: JoinLink, call: Call) -> str:
    """Return where a link's person joins a video call now; empty while nobody can. Interviewers are its hosts."""
    until = link.interview.ends_at + GRACE
    return entrance(link.interview, call, is_host=link.membership_id is not None, until=until)


def _takes_part(link: JoinLink) -> bool:
    """Whether its person takes part: the candidate always, an interviewer as long as they are assigned."""
    if link.membership_id is None:
        return True
    return InterviewerAssignment.objects.filter(interview=link.interview, membership=link.membership_id).exists()


def _is_done(coding: CodingLink, interview: Interview) -> bool:
    """Whether it finished in its time. One that finished long before is being replaced."""
    finished = coding.finished_at or coding.changed_at
    return coding.state == LinkState.FINISHED and finished >= interview.starts_at - timedelta(minutes=15)


def _state_while_open(coding: CodingLink | None) -> JoinState:
    """Return the state between opening and end."""
    if coding is None:
        return JoinState.NO_LINK
    if coding.is_usable and coding.state != LinkState.FINISHED:
        return JoinState.OPEN
    if coding.needs_a_person or coding.state == LinkState.EXPIRED or not coding.integration.is_connected:
        return JoinState.NOT_READY
    return JoinState.PREPARING


def contact(link: JoinLink) -> str:
    """Return the e-mail address for questions of the link's person; empty when there is none.

    It is the organization's Reply-To, else that of the last message that they were sent.
    """
    if link.organization.reply_to:
        return link.organization.reply_to
    audience = Audience.CANDIDATE if link.membership_id is None else Audience.INTERVIEWER
    theirs = Message.objects.filter(
        schedule=link.interview.schedule_id, audience=audience, membership=link.membership_id, state__in=NOTIFIED
    )
    sender = theirs.order_by("-id").values_list("sender", flat=True).first() or {}
    return str(sender.get("reply_to", ""))


def count_use(link: JoinLink) -> None:
    """Count one visitor who went on to the coding link."""
    JoinLink.objects.filter(pk=link.pk).update(uses=F("uses") + 1, last_used_at=timezone.now())


@transaction.atomic
def revoke(*, link: JoinLink, actor: User | None) -> bool:
    """Revoke a join link at once; its page then says so. False when it was revoked already."""
    if not JoinLink.objects.filter(pk=link.pk, revoked_at__isnull=True).update(revoked_at=timezone.now()):
        return False
    _record(link, actor, "join_link.revoked")
    return True


@transaction.atomic
def renew(*, link: JoinLink, actor: User | None) -> JoinLink:
    """Replace a join link by a new one, and revoke the old one. Messages sent from now on carry the new one."""
    revoke(link=link, actor=actor)
    new = join_link(interview=link.interview, membership=link.membership)
    _record(link, actor, "join_link.renewed")
    return new


def _record(link: JoinLink, actor: User | None, action: str) -> None:
    interview, member = link.interview, link.membership
    person = Person("user", member.user_id) if member else Person("candidate", interview.schedule.candidate_id)
    audit.record(organization=link.organization, actor=actor, action=action, subject=interview, person=person)


def recipient_name(link: JoinLink) -> str:
    """Return the name of the link's person, for members' eyes."""
    return str(link.membership.user) if link.membership is not None else str(link.interview.schedule.candidate)
