"""The audit trail."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from organizations.models.accounts import User
from organizations.models.organizations import Organization
from organizations.search import SearchKeyField


class AuditEvent(models.Model):
    """One change in an organization, by `actor` or, when that is empty, by Panelist."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="audit_events")
    actor = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    action = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    summary = models.CharField(max_length=300)
    search_key = SearchKeyField("summary")
    detail = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["organization", "subject_type", "subject_id", "id"], name="audit_subject"),
            models.Index(fields=["organization", "id"], name="audit_organization"),
        ]
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.summary
