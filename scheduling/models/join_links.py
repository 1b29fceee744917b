"""Join links: the stable address of an interview, one for the candidate and one for each interviewer."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organizations.models import Membership, Organization
from organizations.secret_fields import SecretTextField
from scheduling.models.schedules import Interview


class JoinLink(models.Model):
    """One person's stable address of one interview; `membership` is empty for the candidate's.

    It is looked up by the hash of its token. The token itself is stored encrypted, so that later messages can carry
    it again. A revoked link stays, so that its page can say so.
    """

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="+", verbose_name=_("organization")
    )
    interview = models.ForeignKey(
        Interview, on_delete=models.CASCADE, related_name="join_links", verbose_name=_("interview")
    )
    membership = models.ForeignKey(
        Membership, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("membership")
    )
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    token = SecretTextField(editable=False)
    uses = models.PositiveIntegerField(_("uses"), default=0)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("join link"), _("join links")
        constraints = [
            models.UniqueConstraint(
                fields=["interview"],
                condition=Q(membership__isnull=True, revoked_at__isnull=True),
                name="join_link_one_for_candidate",
            ),
            models.UniqueConstraint(
                fields=["interview", "membership"],
                condition=Q(membership__isnull=False, revoked_at__isnull=True),
                name="join_link_one_per_interviewer",
            ),
        ]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.pk}"
