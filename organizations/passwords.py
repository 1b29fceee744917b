"""Mail a link for choosing a new password. The link works once, for a limited time.

The page gives known and unknown addresses the same answer in the same time, so it never reveals an account.
"""

from __future__ import annotations

from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse

from organizations import addresses, languages, limits
from organizations.enqueue import after_commit
from organizations.mail import Mailbox, mail_account
from organizations.models import User


def request_mail(email: str) -> None:
    """Have a worker mail the link. The same queries and the same task for an address without an account (id 0)."""
    found = User.objects.filter(email=email, is_active=True).values_list("pk", flat=True).first()
    try:
        limits.count(limits.PASSWORD_MAILS, addresses.key(email))
    except limits.Reached:
        return
    after_commit("organizations.mail_password", found or 0)


def mail(user_id: int) -> None:
    """Mail the link, unless the account can't sign in."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return
    path = reverse(
        "password-new", kwargs={"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    )
    context = {"user": user, "address": f"{settings.BASE_URL}{path}", "hours": settings.PASSWORD_RESET_TIMEOUT // 3600}
    with languages.speaking_to(user):
        mail_account("password", context, to=Mailbox(user.name, user.email), user_id=user.pk)
