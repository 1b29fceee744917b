"""Join an organization with an invitation's link.

An invitation belongs to its address: the account that accepts it has proven that address, with a mail that was read
there. Where no mail server is set up nothing can be proven. There the account that *says* it has the address accepts
with the link that an admin handed over, and that admin vouches for both.
"""

from __future__ import annotations

from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from organizations import addresses, invitations
from organizations.audit import Person, record
from organizations.hooks import arrivals, coordinated_jobs
from organizations.mail_server import can_leave
from organizations.models import Invitation, Membership, User


class NotTheirs(Exception):
    """The account has not proven the invited address."""


class AddressTaken(Exception):
    """The invited address has an account already."""


@dataclass(frozen=True)
class Opened:
    """An open invitation, and whether the link that opened it came by mail."""

    invitation: Invitation
    is_mailed: bool

    @property
    def is_known(self) -> bool:
        """Whether the invited address has an account. Only for a page behind a mailed link: nobody else learns it."""
        return User.objects.filter(email=self.invitation.email).exists()

    def is_for(self, user: User) -> bool:
        """Whether the account may accept."""
        if is_proven(user, self.invitation.email):
            return True
        return self.is_named_like(user) and not can_leave()

    def is_named_like(self, user: User) -> bool:
        """Whether the account has the invited address, proven or not."""
        return addresses.key(user.email) == addresses.key(self.invitation.email)


def is_proven(user: User, email: str) -> bool:
    """Whether the account's person is known to read the mail of an address."""
    return bool(EmailAddress.objects.filter(user=user, email=addresses.key(email), verified=True).exists())


@sensitive_variables()
def opened(token: str) -> Opened | None:
    """The open invitation that belongs to a token. None also when its sender may not invite any more."""
    found = invitations.hash_of(token)
    invitation = (
        Invitation.objects.select_related("organization", "invited_by")
        .filter(Q(token_hash=found) | Q(handed_hash=found), accepted_at__isnull=True, expires_at__gt=timezone.now())
        .first()
    )
    if invitation is None or not invitations.has_sender(invitation):
        return None
    return Opened(invitation, is_mailed=invitation.token_hash == found)


@transaction.atomic
def accept(*, opened: Opened, user: User) -> Membership | None:
    """Make the user a member; an existing member keeps their role. None when the invitation is over.

    Raises NotTheirs.
    """
    if not opened.is_for(user):
        raise NotTheirs
    return _join(opened, user) if _claim(opened) else None


@sensitive_variables()
@transaction.atomic
def accept_as_new(*, opened: Opened, name: str, password: str, time_zone: str) -> Membership | None:
    """Create an account and accept with it. None when the invitation is over.

    The address of the account is proven when the link came by mail. Raises AddressTaken.
    """
    if not _claim(opened):
        return None
    try:
        with transaction.atomic():
            user = User.objects.create_user(
                opened.invitation.email,
                password,
                name=name,
                time_zone=time_zone,
                address_is_proven=opened.is_mailed,
            )
    except IntegrityError:
        raise AddressTaken from None
    return _join(opened, user)


def _claim(opened: Opened) -> bool:
    """Use the invitation up, unless somebody did, or its sender may not invite any more. Of two requests one wins."""
    invitation = opened.invitation
    if not invitations.has_sender(invitation):
        return False
    free = Invitation.objects.filter(pk=invitation.pk, accepted_at__isnull=True)
    return bool(free.update(accepted_at=timezone.now()))


def _join(opened: Opened, user: User) -> Membership:
    invitation = opened.invitation
    membership, new = Membership.objects.get_or_create(
        organization=invitation.organization, user=user, defaults={"role": invitation.role}
    )
    if new:
        coordinated_jobs.hand_over(invitation, membership)
        record(
            organization=invitation.organization,
            actor=user,
            action="member.joined" if opened.is_mailed else "member.joined_by_hand",
            subject=membership,
            person=Person("user", user.pk),
            detail={"role": membership.role, "invitation": invitation.pk},
        )
        arrivals.announce(membership, invitation.email)
    return membership
