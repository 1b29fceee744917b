"""Single sign-on: the OpenID Connect provider of an organization."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from organizations.fields import LineColumn
from organizations.models.organizations import Membership, Organization
from organizations.secret_fields import SecretTextField


class IdentityProvider(models.Model):
    """The provider by which an organization's people sign in, and what it published when it was last checked."""

    organization = models.OneToOneField(
        Organization, on_delete=models.CASCADE, related_name="identity_provider", verbose_name=_("organization")
    )
    issuer = LineColumn(_("issuer"), max_length=500)
    client_id = LineColumn(_("client ID"), max_length=255)
    client_secret = SecretTextField(_("client secret"), blank=True, default="", editable=False)
    groups_claim = LineColumn(_("claim with groups"), max_length=100, blank=True, default="groups")
    adds_members = models.BooleanField(_("add people who sign in for the first time"), default=True)
    #: Whether members get in with this provider only. Those in `exempt` may use a password when it is away.
    is_required = models.BooleanField(_("single sign-on only"), default=False)
    exempt = models.ManyToManyField(Membership, related_name="+", blank=True)

    #: Its discovery document and keys, as `configuration.fetch` read them; empty until it could.
    document = models.JSONField(default=dict, blank=True, editable=False)
    keys = models.JSONField(default=list, blank=True, editable=False)
    keys_at = models.DateTimeField(null=True, blank=True, editable=False)
    # A check runs in the background: asked for at, so that the page can show it until `checked_at` is later.
    check_asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    checked_at = models.DateTimeField(_("last checked"), null=True, blank=True, editable=False)
    problem = models.CharField(max_length=30, blank=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("identity provider"), _("identity providers")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.issuer

    @property
    def is_ready(self) -> bool:
        """Whether people can sign in by it."""
        return bool(self.document and self.keys and self.client_secret)
