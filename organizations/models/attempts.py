"""The uses of what is limited in a time."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Attempt(models.Model):
    """One use of something that is limited in a time: see `throttle.py` for sign-in, `limits.py` for all else.

    A row identifies nobody: `account`, whose use it is, and `place`, where it came from, are keyed hashes. `seen` has
    the browser and the network of a wrong sign-in in words, for the worker that writes the trail.
    """

    class Kind(models.TextChoices):
        SIGN_IN = "sign_in", _("Sign-in")
        SIGN_IN_SITE = "sign_in_site", _("Sign-in, by network of an organization")

    # Not tied to choices: `limits.py` has a kind for each of its limits.
    kind = models.CharField(_("kind"), max_length=32)
    account = models.CharField(_("account"), max_length=64)
    place = models.CharField(_("place"), max_length=64, blank=True)
    seen = models.JSONField(default=dict, blank=True, db_default={}, editable=False)
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name, verbose_name_plural = _("counted attempt"), _("counted attempts")
        indexes = [
            models.Index(fields=["kind", "account", "at"], name="attempt_account"),
            models.Index(fields=["kind", "place", "at"], name="attempt_place"),
            models.Index(fields=["at"], name="attempt_at"),
        ]
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
