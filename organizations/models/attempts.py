"""What is counted so that it stays within limits."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Attempt(models.Model):
    """A failed sign-in, or a mail with a link to a new password: see `throttle.py`.

    A row identifies nobody: the account and `place`, where the attempt came from, are keyed hashes.
    """

    class Kind(models.TextChoices):
        SIGN_IN = "sign_in", _("Sign-in")
        PASSWORD_MAIL = "password_mail", _("Mail with a link to a new password")

    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    account = models.CharField(_("account"), max_length=64)
    place = models.CharField(_("place"), max_length=64, blank=True)
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["kind", "account", "at"], name="attempt_account"),
            models.Index(fields=["kind", "place", "at"], name="attempt_place"),
            models.Index(fields=["at"], name="attempt_at"),
        ]
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
