"""Prove that an account's address is its person's.

An account made with a link that an admin handed over has an unproven address: the admin may have made it in somebody
else's name. Whoever chooses a new password by a mail to that address is its owner. What a stranger may have left in
the account goes then: the sessions (a new password ends them all), second factors, and the time zone.
"""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.http import HttpRequest

from organizations import sessions
from organizations.models import Membership, User


def on_password_reset(request: HttpRequest, user: User, **_signal: object) -> None:  # noqa: ARG001
    """Receive allauth's `password_reset`: the link for it came by mail."""
    prove(user)


@transaction.atomic
def prove(user: User) -> None:
    """Note that the account's person reads its mail; nothing where that is known."""
    address = EmailAddress.objects.filter(user=user, email=user.email, verified=False).first()
    if address is None or not address.set_verified():
        return
    sessions.end_all(user)
    Authenticator.objects.filter(user=user).delete()
    first = Membership.objects.filter(user=user).select_related("organization").order_by("id").first()
    if first is not None:
        user.time_zone = first.organization.time_zone
        user.save(update_fields=["time_zone"])


def unproven(users: list[int]) -> set[int]:
    """The ids of those among `users` whose own address is not proven."""
    rows = EmailAddress.objects.filter(user__in=users, primary=True, verified=False)
    return set(rows.values_list("user_id", flat=True))
