"""Uploads of candidates until they are confirmed, and how columns were matched before."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organizations.models import Organization


class CandidateImport(models.Model):
    """An uploaded file, and its rows once its columns are matched: `[[number, {field: value}, surplus], ...]`.

    Deleted once imported or a day old. Rows are checked whenever they are shown, because jobs and candidates change.
    """

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="candidate_imports", verbose_name=_("organization")
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("uploaded by")
    )
    # The file as it came, so that other options can read it again; empty for pasted rows.
    source = models.BinaryField(blank=True, default=b"")
    # Pasted rows, which can be edited and sent again.
    pasted = models.TextField(blank=True)
    # How to read it. `header` is the number of the row with the column names, 0: none.
    encoding = models.CharField(_("encoding"), max_length=20, blank=True, default="")
    separator = models.CharField(_("separator"), max_length=1, default=",")
    header = models.PositiveIntegerField(_("line of the header"), default=1)
    # The field of each column; empty until they are matched.
    columns = models.JSONField(_("columns"), default=list)
    rows = models.JSONField()
    # Corrections, `{row number: {field: value}}`, and the numbers of rows that are left out.
    edits = models.JSONField(default=dict)
    left_out = models.JSONField(default=list)
    # Names of ignored columns, and the label of an encoding that had to be guessed.
    ignored = models.JSONField(default=list)
    guessed_encoding = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("import of candidates"), _("imports of candidates")
        indexes = [models.Index(fields=["created_at"], name="candidate_import_age")]
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def is_matched(self) -> bool:
        return bool(self.rows)


class ColumnMatch(models.Model):
    """How an organization matched the columns of one kind of file: the next of the kind is matched at once."""

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="column_matches", verbose_name=_("organization")
    )
    # Of the names of all columns: see `import_columns.kind_of_file`.
    kind = models.CharField(max_length=64)
    fields = models.JSONField(_("fields"), default=dict)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name, verbose_name_plural = _("column match"), _("column matches")
        constraints = [models.UniqueConstraint(fields=["organization", "kind"], name="column_match_unique")]
        ordering = ["-updated_at", "-id"]

    def __str__(self) -> str:
        return f"{self.pk}"
