"""Mail a link for choosing a new password. The link works once, for a limited time.

The page gives known and unknown addresses the same answer in the same time, so it never reveals an account.
"""

from __future__ import annotations

import structlog
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from organizations.mail import Mailbox, write
from organizations.models import User

log = structlog.get_logger(__name__)


def mail(user_id: int) -> None:
    """Mail the link, unless the account can't sign in."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return
    path = reverse(
        "password-new",
        kwargs={
            "uidb64": urlsafe_base64_encode(force_bytes(user.pk)),
            "token": default_token_generator.make_token(user),
        },
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
