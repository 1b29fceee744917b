"""The audit trail."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organizations.append_only import AppendOnlyModel
from organizations.models.accounts import User
from organizations.models.organizations import Organization
from organizations.search import SearchKeyField


class AuditEvent(AppendOnlyModel):
    """One thing that happened in an organization, by `actor` or, when that is empty, by Panelist.

    No column but `texts` holds words about people: `trail.py` makes the sentence from the action's code and the ids
    when it is read. Add rows with `audit.record`.
    """

    organization = models.ForeignKey(
        Organization,
        on_delete=models.CASCADE,
        related_name="audit_events",
        db_index=False,  # indexes below begin with it
        verbose_name=_("organization"),
    )
    # The id of an account that is gone stays: what it did was not done by Panelist.
    actor = models.ForeignKey(
        User,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    action = models.CharField(_("action"), max_length=60)
    subject_type = models.CharField(_("type"), max_length=40)
    subject_id = models.BigIntegerField(_("id"))
    #: The person whom the row is about, and its `texts`: "candidate", "user" or "invitation", and the id.
    person_type = models.CharField(max_length=20, blank=True, default="", db_default="")
    person_id = models.BigIntegerField(null=True, blank=True)
    #: Ids and plain values: codes, numbers, times, names of fields.
    detail = models.JSONField(default=dict, blank=True)
    #: What people wrote, such as an interview's name or a note. Erased with the person.
    texts = models.JSONField(default=dict, blank=True)
    search_key = SearchKeyField("words")
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("audit trail entry"), _("audit trail")
        indexes = [
            models.Index(fields=["organization", "subject_type", "subject_id", "id"], name="audit_subject"),
            models.Index(fields=["organization", "created_at", "id"], name="audit_by_time"),
            models.Index(fields=["organization", "actor", "created_at", "id"], name="audit_by_actor"),
            models.Index(
                fields=["organization", "person_type", "person_id", "created_at", "id"], name="audit_about_person"
            ),
            models.Index(fields=["organization", "action", "id"], name="audit_action"),
        ]
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.action} {self.pk}"

    @property
    def words(self) -> str:
        """Words to find the row by: those of its sentence that name no person."""
        from organizations.trail import words

        return words(self)

    def value(self, name: str) -> Any:
        """A value of the row, from `detail` or, until it is erased, from `texts`."""
        return self.detail.get(name, self.texts.get(name))
