"""A file of candidates between its upload and its confirmation."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from organizations.models import Organization


class CandidateImport(models.Model):
    """The rows as they stood in the file, `[[number, {column: value}, surplus], ...]`; gone once imported or a day old.

    They are checked anew whenever they are looked at, because jobs and candidates change meanwhile.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="candidate_imports")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    rows = models.JSONField()
    # Columns that are left out, as the file calls them; and the encoding that had to be guessed.
    ignored = models.JSONField(default=list)
    guessed_encoding = models.CharField(max_length=40, blank=True)
    # What was typed rather than uploaded, so that it can be corrected in place.
    pasted = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="candidate_import_age")]
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.pk}"
