"""Tell a person whose account is guessed at from many places: one mail a day, and a line in the trail."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from organizations import addresses, languages, limits
from organizations.audit import Person, record
from organizations.enqueue import after_commit
from organizations.mail import Mailbox, mail_account
from organizations.models import User


def warn_owner(email: str) -> None:
    """Have a worker tell the owner. The same queries and the same task for an address without an account (id 0)."""
    found = User.objects.filter(email=email, is_active=True).values_list("pk", flat=True).first()
    try:
        limits.count(limits.GUESSING_MAILS, addresses.key(email))
    except limits.Reached:
        return
    after_commit("organizations.mail_guessing", found or 0)


def mail(user_id: int) -> None:
    """Mail the owner, and note it in the trail of their organizations."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return
    for membership in user.memberships.select_related("organization"):
        record(
            organization=membership.organization,
            actor=None,
            action="member.password_guessed",
            subject=membership,
            person=Person("user", user.pk),
        )
    context = {"user": user, "address": f"{settings.BASE_URL}{reverse('password-forgotten')}"}
    with languages.speaking_to(user):
        mail_account("guessing", context, to=Mailbox(user.name, user.email), user_id=user.pk)
