"""Send invitations to an organization, and end them. `joining.py` accepts them.

An invitation has up to two links. The **mailed** one goes to the invited address and is shown nowhere: whoever opens it
reads that mailbox. Where no mail server is set up, an admin can ask for a link to **hand** over: it proves nothing
about the address, so the account made with it counts as unproven.

Only hashes of tokens are stored. A token is derived from the row with the server's secret key, so that a page can show
it again and a worker can mail it, while no database row and no task message holds it.

An invitation ends with its sender: whoever may not invite any more has no open invitations. Those of a directory end
when it deactivates the person.
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
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from organizations import addresses, languages, limits
from organizations.audit import Person, record
from organizations.enqueue import after_commit
from organizations.hooks import coordinated_jobs
from organizations.mail import Mailbox, answers_to, sender_of, write_from
from organizations.models import Invitation, Membership, Organization, User
from organizations.permissions import rights_of

log = structlog.get_logger(__name__)

VALID_FOR = timedelta(days=14)
#: The two ways in which a link reaches people.
MAILED, HANDED = "mailed", "handed"


@transaction.atomic
def invite(
    *, organization: Organization, email: str, role: str, actor: User | None, jobs: Collection[int] | None = None
) -> Invitation:
    """Invite an address, or give its open invitation a new role. A link that is valid stays; the link is mailed.

    `actor` is None for the organization's directory. `jobs` are the ids of a coordinator's jobs; None leaves them as
    they are. Raises limits.Reached.
    """
    email = addresses.key(email)
    _count_mail(organization, email)
    invitation = Invitation.objects.filter(
        organization=organization, email=email, accepted_at__isnull=True
    ).first() or Invitation(organization=organization, email=email)
    invitation.role = role
    invitation.invited_by, invitation.by_directory = actor, actor is None
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

    The actor is its sender from now on.

    Raises limits.Reached.
    """
    if not is_valid(invitation):
        invite(organization=invitation.organization, email=invitation.email, role=invitation.role, actor=actor)
        return False
    _count_mail(invitation.organization, invitation.email)
    invitation.invited_by, invitation.by_directory = actor, False
    invitation.save(update_fields=["invited_by", "by_directory"])
    _record(invitation, actor, "member.invitation_sent_again")
    _mail_after_commit(invitation)
    return True


def open_for(organization: Organization, email: str) -> Invitation | None:
    """The open invitation of an address, when its link is valid."""
    found = Invitation.objects.filter(
        organization=organization, email=addresses.key(email), accepted_at__isnull=True
    ).first()
    return found if found is not None and is_valid(found) else None


def is_valid(invitation: Invitation) -> bool:
    """Whether the invitation is open, its link can be used, and its sender may still invite."""
    is_open = invitation.accepted_at is None and invitation.expires_at > timezone.now() and bool(link(invitation))
    return is_open and has_sender(invitation)


def has_sender(invitation: Invitation) -> bool:
    """Whether whoever sent it may still invite: nobody to what is deleted. The directory withdraws its own."""
    if invitation.organization.is_closed:
        return False
    return invitation.by_directory or invitation.invited_by_id in senders(invitation.organization)


def senders(organization: Organization) -> set[int]:
    """The ids of the users who may invite to the organization now."""
    active = Membership.objects.filter(organization=organization, user__is_active=True)
    return {user for user, role in active.values_list("user_id", "role") if rights_of(role).manage_members}


@transaction.atomic
def withdraw(*, invitation: Invitation, actor: User | None) -> None:
    """Delete an invitation; its link stops working."""
    _record(invitation, actor, "member.invitation_withdrawn")
    invitation.delete()


@transaction.atomic
def withdraw_all_of(*, organization: Organization, sender: User, actor: User | None) -> None:
    """Delete the open invitations of a sender who may not invite any more."""
    for invitation in Invitation.objects.filter(
        organization=organization, invited_by=sender, accepted_at__isnull=True
    ).select_related("organization"):
        _record(invitation, actor, "member.invitation_ended")
        invitation.delete()


@transaction.atomic
def show_link(*, invitation: Invitation, actor: User) -> None:
    """Make the link to hand over, for an installation without a mail server."""
    invitation.handed_hash = hash_of(_token(invitation, HANDED))
    invitation.save(update_fields=["handed_hash"])
    _record(invitation, actor, "member.invitation_shown")


def link(invitation: Invitation) -> str:
    """The mailed link. "" after the server's secret key was changed and the old one not kept: it needs renewing."""
    return _address(invitation, MAILED, invitation.token_hash)


def handed_link(invitation: Invitation) -> str:
    """The link to hand over. "" where nobody asked for it."""
    return _address(invitation, HANDED, invitation.handed_hash)


def mail(invitation_id: int) -> None:
    """Mail the link. The "Members" page says whether it was sent."""
    invitation = (
        Invitation.objects.select_related("organization", "invited_by")
        .filter(pk=invitation_id, accepted_at__isnull=True)
        .first()
    )
    if invitation is None:
        return
    context = {"invitation": invitation, "organization": invitation.organization, "link": link(invitation)}
    with languages.speaking_for(invitation.organization):
        message = write_from(
            "invitation",
            context,
            to=[Mailbox("", invitation.email)],
            organization=invitation.organization,
            sender=sender_of(invitation.organization),
            reply_to=answers_to(invitation.organization, invitation.invited_by),
        )
    delivery = Invitation.Delivery.SENT
    try:
        message.send()
    except OSError as error:
        log.warning("invitation_not_mailed", invitation=invitation_id, error=type(error).__name__)
        delivery = Invitation.Delivery.FAILED
    Invitation.objects.filter(pk=invitation_id).update(delivery=delivery)


def _renew(invitation: Invitation) -> None:
    invitation.expires_at = timezone.now() + VALID_FOR
    invitation.handed_hash = ""
    if invitation.pk is None:
        invitation.token_hash = secrets.token_hex(32)
        invitation.save()
    invitation.token_hash = hash_of(_token(invitation, MAILED))
    invitation.save()


def _record(invitation: Invitation, actor: User | None, action: str, **detail: str) -> None:
    record(
        organization=invitation.organization,
        actor=actor,
        action=action,
        subject=invitation,
        person=Person("invitation", invitation.pk),
        detail=detail,
        texts={"email": invitation.email},
    )


def _token(invitation: Invitation, way: str, secret: str | None = None) -> str:
    """43 characters, different for each way and after each renewal, because the end is part of it.

    `secret` is the server's present secret key where none is given.
    """
    signed = f"{invitation.pk} {invitation.expires_at.astimezone(UTC).isoformat()}"
    digest = salted_hmac(f"organizations.invitation.{way}", signed, secret=secret, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _address(invitation: Invitation, way: str, stored: str) -> str:
    """The address with the token that was stored, by the present secret key or an earlier one that is kept."""
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        token = _token(invitation, way, secret)
        if secrets.compare_digest(hash_of(token), stored):
            return f"{settings.BASE_URL}{reverse('invitation', kwargs={'token': token})}"
    return ""


def hash_of(token: str) -> str:
    """The hash under which a token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def _count_mail(organization: Organization, email: str) -> None:
    """Count a mail that is about to go out. Another organization's invitations neither count nor show here."""
    limits.count(limits.INVITATIONS_TO_ONE, organization.pk, email)
    limits.count(limits.INVITATIONS, organization.pk)


def _mail_after_commit(invitation: Invitation) -> None:
    Invitation.objects.filter(pk=invitation.pk).update(delivery=Invitation.Delivery.QUEUED)
    after_commit("organizations.mail_invitation", invitation.pk)
