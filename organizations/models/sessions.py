"""People's sessions."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organizations.models.accounts import User


class Session(models.Model):
    """A browser's session: its data, and what the person who is signed in with it may see of it.

    `key` is a hash of the id in the browser's cookie: nobody is signed in by a copy of this table. A session without a
    user belongs to a visitor. A session that is over has no row: see `session_store.py`.
    """

    key = models.CharField(max_length=64, unique=True, editable=False)
    data = models.TextField(editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="sessions", verbose_name=_("user"))
    started_at = models.DateTimeField(_("signed in"), default=timezone.now)
    seen_at = models.DateTimeField(_("last used"), default=timezone.now)
    ends_at = models.DateTimeField(_("ends at the latest"))
    #: The header User-Agent at sign-in.
    browser = models.CharField(_("browser"), max_length=200, blank=True)
    #: The network of the IP address, never all of it: `203.0.113.x`.
    place = models.CharField(_("place"), max_length=45, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("session"), _("sessions")
        indexes = [models.Index(fields=["ends_at"], name="session_end")]
        ordering = ["-seen_at", "-id"]

    def __str__(self) -> str:
        return f"session {self.pk}"
