"""Mail a link for choosing a new password. The link works once, for a limited time.

The page gives known and unknown addresses the same answer in the same time, so it never reveals an account.
"""

from __future__ import annotations

import structlog
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.template.loader import render_to_string
from django.urls import reverse

from organizations import addresses, limits
from organizations.enqueue import after_commit
from organizations.mail import Mailbox, write
from organizations.models import User

log = structlog.get_logger(__name__)


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
    message = write(
        to=[Mailbox(user.name, user.email)],
        subject=render_to_string("emails/password.subject", context),
        text=render_to_string("emails/password.text", context),
    )
    try:
        message.send()
    except OSError as error:
        # The person can ask again.
        log.warning("password_mail_not_sent", user=user_id, error=type(error).__name__)
