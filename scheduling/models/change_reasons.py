"""Reasons for moving and cancelling interviews: the organization's own list."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from organizations.fields import LineColumn
from organizations.models import Organization

# An organization's list until it has its own.
DEFAULT_REASONS = [
    _("The candidate asked for it"),
    _("An interviewer can't make it"),
    _("An interviewer is ill"),
    _("A mistake in the schedule"),
    _("The candidate withdrew"),
    _("The job was filled or closed"),
]


class ChangeReason(models.Model):
    """One reason to choose from. History keeps its text, so that changing the list rewrites nothing."""

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="change_reasons", verbose_name=_("organization")
    )
    text = LineColumn(_("reason"), max_length=120)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("change reason"), _("change reasons")
        constraints = [models.UniqueConstraint(fields=["organization", "text"], name="change_reason_unique")]
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.text


def reasons_of(organization: Organization) -> list[str]:
    """Return the organization's list in its order; the default one until it has its own. Writes nothing."""
    mine = ChangeReason.objects.filter(organization=organization).order_by("position", "id")
    return list(mine.values_list("text", flat=True)) or [str(text) for text in DEFAULT_REASONS]
