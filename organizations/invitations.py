"""Invitations to an organization.

Only the hash of a token is stored. The token is derived from the row with the server's secret key, so that a page can
show the link again and a worker can mail it, while no database row and no task message holds it.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Collection
from datetime import UTC, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.views.decorators.debug import sensitive_variables

from organizations import addresses, limits
from organizations.audit import Person, record
from organizations.enqueue import after_commit
from organizations.hooks import coordinated_jobs
from organizations.mail import Mailbox, answers_to, sender_of, write
from organizations.models import Invitation, Membership, Organization, User

log = structlog.get_logger(__name__)

VALID_FOR = timedelta(days=14)


@transaction.atomic
def invite(
    *, organization: Organization, email: str, role: str, actor: User, jobs: Collection[int] | None = None
) -> Invitation:
    """Invite an address, or give its open invitation a new role. A link that is valid stays; the link is mailed.

    `jobs` are the ids of a coordinator's jobs; None leaves them as they are. Raises limits.Reached.
    """
    email = addresses.key(email)
    _count_mail(organization, email)
    invitation = Invitation.objects.filter(
        organization=organization, email=email, accepted_at__isnull=True
    ).first() or Invitation(organization=organization, email=email)
    invitation.role = role
    invitation.invited_by = actor
    if invitation.pk is not None and is_valid(invitation):
        invitation.save()
    else:
        _renew(invitation)
    if jobs is not None:
        coordinated_jobs.assign(invitation, jobs)
    titles = [job.title for job in coordinated_jobs.of([invitation]).get(invitation.pk, [])]
    if titles:
        _record(invitation, actor, "member.invited_to_jobs", role=invitation.role, jobs=", ".join(titles))
    else:
        _record(invitation, actor, "member.invited", role=invitation.role)
    _mail_after_commit(invitation)
    return invitation


@transaction.atomic
def send_again(*, invitation: Invitation, actor: User) -> bool:
    """Mail the link again, or a new one when it is no longer valid. Returns whether it is the same.

    Raises limits.Reached.
    """
    if not is_valid(invitation):
        invite(organization=invitation.organization, email=invitation.email, role=invitation.role, actor=actor)
        return False
    _count_mail(invitation.organization, invitation.email)
    _record(invitation, actor, "member.invitation_sent_again")
    _mail_after_commit(invitation)
    return True


def open_for(organization: Organization, email: str) -> Invitation | None:
    """The open invitation of an address, when its link is valid."""
    found = Invitation.objects.filter(organization=organization, email=email, accepted_at__isnull=True).first()
    return found if found is not None and is_valid(found) else None


def is_valid(invitation: Invitation) -> bool:
    """Whether the invitation is open and its link can be shown and used."""
    return invitation.accepted_at is None and invitation.expires_at > timezone.now() and bool(link(invitation))


@transaction.atomic
def withdraw(*, invitation: Invitation, actor: User) -> None:
    """Delete an invitation; its link stops working."""
    _record(invitation, actor, "member.invitation_withdrawn")
    invitation.delete()


@sensitive_variables()
def find(token: str) -> Invitation | None:
    """The open invitation that belongs to a token, or None."""
    return (
        Invitation.objects.select_related("organization", "invited_by")
        .filter(token_hash=_hash(token), accepted_at__isnull=True, expires_at__gt=timezone.now())
        .first()
    )


@transaction.atomic
def accept(*, invitation: Invitation, user: User) -> Membership | None:
    """Make the user a member; an existing member keeps their role. None when the invitation was used already."""
    taken = Invitation.objects.filter(pk=invitation.pk, accepted_at__isnull=True).update(accepted_at=timezone.now())
    if not taken:
        return None
    membership, new = Membership.objects.get_or_create(
        organization=invitation.organization, user=user, defaults={"role": invitation.role}
    )
    if new:
        coordinated_jobs.hand_over(invitation, membership)
        record(
            organization=invitation.organization,
            actor=user,
            action="member.joined",
            subject=membership,
            person=Person("user", user.pk),
            detail={"role": membership.role, "invitation": invitation.pk},
        )
    return membership


@sensitive_variables()
@transaction.atomic
def accept_as_new(*, invitation: Invitation, name: str, password: str, time_zone: str) -> Membership | None:
    """Create an account and accept with it. None when the address has an account by now, or the invitation was used."""
    if User.objects.filter(email=invitation.email).exists():
        return None
    user = User.objects.create_user(invitation.email, password, name=name, time_zone=time_zone)
    return accept(invitation=invitation, user=user)


def link(invitation: Invitation) -> str:
    """The address to open. "" after the server's secret key was changed: the invitation needs renewing then."""
    token = _token(invitation)
    if not secrets.compare_digest(_hash(token), invitation.token_hash):
        return ""
    return f"{settings.BASE_URL}{reverse('invitation', kwargs={'token': token})}"


def mail(invitation_id: int) -> None:
    """Mail the link. A failure is only logged: admins see the link on the "Members" page."""
    invitation = (
        Invitation.objects.select_related("organization", "invited_by")
        .filter(pk=invitation_id, accepted_at__isnull=True)
        .first()
    )
    if invitation is None:
        return
    context = {"invitation": invitation, "organization": invitation.organization, "link": link(invitation)}
    message = write(
        to=[Mailbox("", invitation.email)],
        subject=render_to_string("emails/invitation.subject", context),
        text=render_to_string("emails/invitation.text", context),
        sender=sender_of(invitation.organization),
        reply_to=answers_to(invitation.organization, invitation.invited_by),
    )
    try:
        message.send()
    except OSError as error:
        log.warning("invitation_not_mailed", invitation=invitation_id, error=type(error).__name__)


def _record(invitation: Invitation, actor: User, action: str, **detail: str) -> None:
    record(
        organization=invitation.organization,
        actor=actor,
        action=action,
        subject=invitation,
        person=Person("invitation", invitation.pk),
        detail=detail,
        texts={"email": invitation.email},
    )


def _renew(invitation: Invitation) -> None:
    invitation.expires_at = timezone.now() + VALID_FOR
    if invitation.pk is None:
        invitation.token_hash = secrets.token_hex(32)
        invitation.save()
    invitation.token_hash = _hash(_token(invitation))
    invitation.save()


def _token(invitation: Invitation) -> str:
    """43 characters, different after each renewal because the end is part of it."""
    signed = f"{invitation.pk} {invitation.expires_at.astimezone(UTC).isoformat()}"
    digest = salted_hmac("organizations.invitation", signed, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _count_mail(organization: Organization, email: str) -> None:
    """Count a mail that is about to go out. Another organization's invitations neither count nor show here."""
    limits.count(limits.INVITATIONS_TO_ONE, organization.pk, email)
    limits.count(limits.INVITATIONS, organization.pk)


def _mail_after_commit(invitation: Invitation) -> None:
    after_commit("organizations.mail_invitation", invitation.pk)
