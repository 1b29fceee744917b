"""Filters of lists that a member keeps under a name."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from organizations.fields import LineColumn
from organizations.models.organizations import Membership


class SavedFilter(models.Model):
    """A member's filter of a list: its name, and the query string that asks for it, without a search's words."""

    membership = models.ForeignKey(
        Membership, on_delete=models.CASCADE, related_name="saved_filters", verbose_name=_("member")
    )
    # The name of the list's address.
    page = models.CharField(_("list"), max_length=40)
    name = LineColumn(_("name"), max_length=60)
    query = models.CharField(_("query"), max_length=500, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("saved filter"), _("saved filters")
        constraints = [models.UniqueConstraint(fields=["membership", "page", "name"], name="one_saved_filter_per_name")]
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return f"{self.pk}"
