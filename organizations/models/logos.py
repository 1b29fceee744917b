"""The picture of an organization's logo."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organizations.models.organizations import Organization


class Logo(models.Model):
    """An organization's logo as `logo_images.read` wrote it: a PNG. Apart from its row, which each page reads."""

    organization = models.OneToOneField(
        Organization, on_delete=models.CASCADE, related_name="+", verbose_name=_("organization")
    )
    picture = models.BinaryField(_("picture"))
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("logo"), _("logos")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.pk}"
