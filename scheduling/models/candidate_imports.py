"""Files of candidates between their upload and their confirmation, and how columns were matched before."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from organizations.models import Organization


class CandidateImport(models.Model):
    """A file, and its rows once its columns are matched: `[[number, {field: value}, surplus], ...]`.

    Gone once imported or a day old. The rows are checked anew whenever they are looked at: jobs and candidates change.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="candidate_imports")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    # The file as it came, to be read otherwise; empty for what was pasted.
    source = models.BinaryField(blank=True, default=b"")
    # What was typed rather than uploaded, so that it can be corrected in place.
    pasted = models.TextField(blank=True)
    # How it is read; header is the number of the row that names the columns, 0: none does.
    encoding = models.CharField(max_length=20, blank=True, default="")
    separator = models.CharField(max_length=1, default=",")
    header = models.PositiveIntegerField(default=1)
    # The field of each column; empty: not matched yet.
    columns = models.JSONField(default=list)
    rows = models.JSONField()
    # What was corrected on the page, `{number: {field: value}}`, and the numbers of rows that are left out.
    edits = models.JSONField(default=dict)
    left_out = models.JSONField(default=list)
    # Columns that are left out, as the file calls them; and the encoding that had to be guessed.
    ignored = models.JSONField(default=list)
    guessed_encoding = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="candidate_import_age")]
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def is_matched(self) -> bool:
        return bool(self.rows)


class ColumnMatch(models.Model):
    """How an organization matched the columns of one kind of file, so that the next of its kind is matched at once."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="column_matches")
    # Of the names of all columns: see `import_columns.kind_of_file`.
    kind = models.CharField(max_length=64)
    fields = models.JSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "kind"], name="column_match_unique")]
        ordering = ["-updated_at", "-id"]

    def __str__(self) -> str:
        return f"{self.pk}"
