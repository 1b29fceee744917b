"""Why interviews are moved and cancelled: the organization's own list."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from organizations.models import Organization

# What an organization starts with.
DEFAULT_REASONS = [
    _("The candidate asked for it"),
    _("An interviewer can’t make it"),
    _("An interviewer is ill"),
    _("A mistake in the schedule"),
    _("The candidate withdrew"),
    _("The job was filled or closed"),
]


class ChangeReason(models.Model):
    """One reason to choose from. History keeps its text, so that changing the list rewrites nothing."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="change_reasons")
    text = models.CharField(_("reason"), max_length=120)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "text"], name="change_reason_unique")]
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.text


def reasons_of(organization: Organization) -> list[ChangeReason]:
    """The organization's list in its order; the default ones the first time that anybody asks."""
    mine = ChangeReason.objects.filter(organization=organization).order_by("position", "id")
    if not (listed := list(mine.all())):
        ChangeReason.objects.bulk_create(
            [
                ChangeReason(organization=organization, text=str(text), position=place)
                for place, text in enumerate(DEFAULT_REASONS)
            ],
            ignore_conflicts=True,  # two people may ask at the same moment
        )
        listed = list(mine.all())
    return listed
