"""Change the address of an account: asked for by its person, and in effect once they have read mail at the new one.

The old address is told at once, while it still can stop the change. Nobody learns whether the new address has an
account: its mailbox alone is told.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.urls import reverse

from organizations import languages, limits, sessions
from organizations.audit import Person, record
from organizations.enqueue import after_commit
from organizations.hooks import address_changes
from organizations.mail import Mailbox, mail_account
from organizations.models import Invitation, User


class Taken(Exception):
    """The new address belongs to another account."""


class _Tokens(PasswordResetTokenGenerator):
    """The last part of the mailed link. It is over when the address, the wish or the password is another."""

    key_salt = "organizations.address_change"

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        return f"{user.pk} {user.email} {user.pending_email} {user.password} {timestamp}"


_tokens = _Tokens()


@transaction.atomic
def ask(*, user: User, email: str) -> None:
    """Have a link mailed to the new address, and a notice to the present one. Raises limits.Reached."""
    limits.count(limits.ADDRESS_CHANGES, user.pk)
    limits.count(limits.ADDRESS_CHANGES_TO_ONE, email)
    user.pending_email = email
    user.save(update_fields=["pending_email"])
    _record(user, "member.address_change_asked")
    after_commit("organizations.mail_address_change", user.pk)


@transaction.atomic
def cancel(*, user: User) -> None:
    """Forget the new address; its link is over."""
    if user.pending_email:
        user.pending_email = ""
        user.save(update_fields=["pending_email"])
        _record(user, "member.address_change_cancelled")


def fits(user: User, token: str) -> bool:
    """Whether the mailed link is the one of this person's present wish."""
    return bool(user.pending_email) and _tokens.check_token(user, token)


@transaction.atomic
def carry_out(*, user: User, token: str, request: HttpRequest) -> bool:
    """Make the new address the account's, and end its other sessions. False when the link is over. Raises Taken.

    Mails, invitations and events in calendars follow: `hooks.address_changes`, and the invitations that are open.
    """
    person = User.objects.select_for_update().get(pk=user.pk)
    if not fits(person, token):
        return False
    former, person.email, person.pending_email = person.email, person.pending_email, ""
    try:
        with transaction.atomic():
            person.save(update_fields=["email", "pending_email"])
    except IntegrityError:
        raise Taken from None
    _move_invitations(former, person.email)
    address_changes.announce(person, person)
    _record(person, "member.address_changed")
    sessions.end_others(person, request)
    user.email, user.pending_email = person.email, ""
    return True


def _move_invitations(former: str, email: str) -> None:
    opened = Invitation.objects.filter(accepted_at__isnull=True)
    there = opened.filter(email=email).values("organization")
    opened.filter(email=former).exclude(organization__in=there).update(email=email)


def _record(user: User, action: str) -> None:
    for membership in user.memberships.select_related("organization"):
        record(
            organization=membership.organization,
            actor=user,
            action=action,
            subject=membership,
            person=Person("user", user.pk),
        )


def mail(user_id: int) -> None:
    """Mail the link to the new address, and the notice to the present one, unless the wish is over."""
    user = User.objects.filter(pk=user_id, is_active=True).exclude(pending_email="").first()
    if user is None:
        return
    is_taken = User.objects.filter(email=user.pending_email).exists()
    path = reverse("address-confirm", kwargs={"token": _tokens.make_token(user)})
    context = {
        "user": user,
        "is_taken": is_taken,
        "address": f"{settings.BASE_URL}{reverse('sign-in') if is_taken else path}",
        "hours": settings.PASSWORD_RESET_TIMEOUT // 3600,
    }
    for name, email in (("address_confirm", user.pending_email), ("address_notice", user.email)):
        to = Mailbox("" if is_taken and name == "address_confirm" else user.name, email)
        with languages.speaking_to(user):
            mail_account(name, context, to=to, user_id=user.pk)
