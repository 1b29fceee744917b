"""Forms that were sent and done."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Submission(models.Model):
    """A form that was sent and done, and the answer to it: see `once.py`."""

    #: A hash of the user, the address and the form's token.
    key = models.CharField(max_length=64, primary_key=True)
    answer = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name, verbose_name_plural = _("sent form"), _("sent forms")
        indexes = [models.Index(fields=["created_at"], name="submission_age")]
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.key[:8]
