"""The sign that background work is done."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Heartbeat(models.Model):
    """One row: when a worker last carried out what beat sends every 30 seconds. Recent: both of them run."""

    ONLY = 1

    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name, verbose_name_plural = _("heartbeat"), _("heartbeats")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}"
