"""Content of forms that is not saved yet."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organizations.models import Membership, Organization


class FormDraft(models.Model):
    """The content of a member's form, as form data, so that it is there again after leaving, on any machine.

    It may hold a candidate's data: it is emptied once saved or discarded, and deleted after thirty days.
    """

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="form_drafts", verbose_name=_("organization")
    )
    membership = models.ForeignKey(
        Membership, on_delete=models.CASCADE, related_name="form_drafts", verbose_name=_("membership")
    )
    # The page, with what its address asked for.
    page = models.CharField(_("page"), max_length=120)
    # The rendering of the page that wrote it, and a number that counts its writes: a late one overwrites nothing.
    form = models.CharField(max_length=32)
    sequence = models.BigIntegerField()
    content = models.TextField(blank=True)
    updated_at = models.DateTimeField(_("changed"), default=timezone.now)

    class Meta:
        verbose_name, verbose_name_plural = _("unsaved form"), _("unsaved forms")
        constraints = [models.UniqueConstraint(fields=["membership", "page"], name="one_draft_per_member_and_page")]
        indexes = [models.Index(fields=["updated_at"], name="form_draft_age")]
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.pk}"
