"""The join link: an address of ours that always leads to the coding link that is current."""

from __future__ import annotations

import enum
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from organizations import audit
from organizations.models import Membership, User
from scheduling.coding_links.validity import GRACE
from scheduling.models import CodingLink, Interview, InterviewerAssignment, JoinLink, LinkState, Message
from scheduling.models.messages import TOLD, Audience


class Door(enum.Enum):
    """What a visitor meets behind a join link."""

    REVOKED = "revoked"
    CANCELLED = "cancelled"
    EARLY = "early"
    OPEN = "open"
    PREPARING = "preparing"
    TROUBLE = "trouble"
    NO_CODE = "no_code"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Visit:
    """The door's state, the moment at which it opens, and, when it is open, where it leads."""

    door: Door
    opens_at: datetime
    url: str = ""

    @property
    def refresh_seconds(self) -> int | None:
        """After how long the page looks again by itself; None where nothing will change."""
        if self.door is Door.PREPARING:
            return 4
        if self.door is Door.TROUBLE:
            return 15
        if self.door in {Door.EARLY, Door.NO_CODE}:
            return 60
        return None


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def join_link(*, interview: Interview, membership: Membership | None = None) -> JoinLink:
    """The valid join link of the candidate, or of one interviewer; made where there is none."""
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
    """Gives everybody in the schedule's interviews a join link: in three queries, and a fourth where some lack one.

    Whose link was revoked gets no other one here: that is a person's decision.
    """
    takes_place = {"interview__schedule": schedule_id, "interview__state": Interview.State.SCHEDULED}
    assignments = InterviewerAssignment.objects.filter(**takes_place).values_list("interview", "membership")
    interviews = Interview.objects.filter(schedule=schedule_id, state=Interview.State.SCHEDULED)
    there = set(JoinLink.objects.filter(**takes_place).values_list("interview", "membership"))
    organizations = dict(interviews.values_list("pk", "organization"))
    people = [*((interview, None) for interview in organizations), *assignments]
    missing = [_new(organizations[key[0]], *key) for key in people if key not in there]
    if missing:
        JoinLink.objects.bulk_create(missing, ignore_conflicts=True)


def _new(organization_id: int, interview_id: int, membership_id: int | None) -> JoinLink:
    token = secrets.token_urlsafe(24)
    return JoinLink(
        organization_id=organization_id,
        interview_id=interview_id,
        membership_id=membership_id,
        token=token,
        token_hash=hash_of(token),
    )


def join_url(*, interview: Interview, membership: Membership | None = None) -> str:
    """The whole address, as it stands in messages and invitations."""
    return address(join_link(interview=interview, membership=membership))


def address(link: JoinLink) -> str:
    return f"{settings.BASE_URL}{reverse('join', kwargs={'token': link.token})}"


def find(token: str) -> JoinLink | None:
    return (
        JoinLink.objects.select_related("interview__schedule__candidate", "organization", "membership__user")
        .filter(token_hash=hash_of(token))
        .first()
    )


def visit(link: JoinLink) -> Visit:
    """What the visitor meets now."""
    interview, now = link.interview, timezone.now()
    opens_at = interview.starts_at - timedelta(minutes=link.organization.join_opens_minutes)
    if link.revoked_at is not None or not _takes_part(link):
        return Visit(Door.REVOKED, opens_at)
    if interview.is_cancelled:
        return Visit(Door.CANCELLED, opens_at)
    coding = CodingLink.objects.filter(interview=interview).exclude(state=LinkState.CANCELLED).order_by("-id").first()
    if now > interview.ends_at + GRACE or (coding is not None and _is_done(coding, interview)):
        return Visit(Door.OVER, opens_at)
    if now < opens_at:
        return Visit(Door.EARLY, opens_at)
    return Visit(*_open_door(coding, opens_at))


def _takes_part(link: JoinLink) -> bool:
    """The candidate does; an interviewer as long as they are not taken out of the interview."""
    if link.membership_id is None:
        return True
    return InterviewerAssignment.objects.filter(interview=link.interview, membership=link.membership_id).exists()


def _is_done(coding: CodingLink, interview: Interview) -> bool:
    """Finished in its time; a link that was used up long before is being replaced."""
    finished = coding.finished_at or coding.changed_at
    return coding.state == LinkState.FINISHED and finished >= interview.starts_at - timedelta(minutes=15)


def _open_door(coding: CodingLink | None, opens_at: datetime) -> tuple[Door, datetime, str]:
    if coding is None:
        return Door.NO_CODE, opens_at, ""
    if coding.is_usable and coding.state != LinkState.FINISHED:
        return Door.OPEN, opens_at, coding.url
    if coding.needs_a_person or coding.state == LinkState.EXPIRED or not coding.integration.is_connected:
        return Door.TROUBLE, opens_at, ""
    return Door.PREPARING, opens_at, ""


def contact(link: JoinLink) -> str:
    """The address that reads questions of whoever holds the link: the organization's, else where answers to the last
    message that they got go; empty when there is none."""
    if link.organization.reply_to:
        return link.organization.reply_to
    audience = Audience.CANDIDATE if link.membership_id is None else Audience.INTERVIEWER
    theirs = Message.objects.filter(
        schedule=link.interview.schedule_id, audience=audience, membership=link.membership_id, state__in=TOLD
    )
    sender = theirs.order_by("-id").values_list("sender", flat=True).first() or {}
    return str(sender.get("reply_to", ""))


def count_use(link: JoinLink) -> None:
    JoinLink.objects.filter(pk=link.pk).update(uses=F("uses") + 1, last_used_at=timezone.now())


@transaction.atomic
def revoke(*, link: JoinLink, actor: User | None) -> bool:
    """The address stops working at once, and says so to who opens it. False when it was revoked already."""
    if not JoinLink.objects.filter(pk=link.pk, revoked_at__isnull=True).update(revoked_at=timezone.now()):
        return False
    audit.record(
        organization=link.organization,
        actor=actor,
        action="join_link.revoked",
        subject=link.interview,
        summary=_("Join link revoked: %(who)s") % {"who": who(link)},
    )
    return True


@transaction.atomic
def renew(*, link: JoinLink, actor: User | None) -> JoinLink:
    """A new address in the place of the old one, which is revoked. Messages sent from now on carry the new one."""
    revoke(link=link, actor=actor)
    new = join_link(interview=link.interview, membership=link.membership)
    audit.record(
        organization=link.organization,
        actor=actor,
        action="join_link.renewed",
        subject=link.interview,
        summary=_("New join link: %(who)s") % {"who": who(link)},
    )
    return new


def who(link: JoinLink) -> str:
    """Whose address it is, for members' eyes."""
    return str(link.membership.user) if link.membership is not None else str(link.interview.schedule.candidate)
