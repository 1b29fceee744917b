"""Single sign-on: the identity provider of an organization, and answers on their way from it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from organizations.fields import LineColumn
from organizations.models.organizations import Membership, Organization
from organizations.secret_fields import SecretTextField
from organizations.single_sign_on import saml_extra


class IdentityProvider(models.Model):
    """The provider by which an organization's people sign in, and what it published when it was last checked."""

    class Protocol(models.TextChoices):
        OIDC = "oidc", "OpenID Connect"
        SAML = "saml", "SAML"

    organization = models.OneToOneField(
        Organization, on_delete=models.CASCADE, related_name="identity_provider", verbose_name=_("organization")
    )
    protocol = models.CharField(_("protocol"), max_length=10, choices=Protocol, default=Protocol.OIDC)
    #: SAML: the entity ID, "" until the metadata has been read.
    issuer = LineColumn(_("issuer"), max_length=500)
    client_id = LineColumn(_("client ID"), max_length=255)
    client_secret = SecretTextField(_("client secret"), blank=True, default="", editable=False)
    #: SAML: where the provider publishes its metadata, "" where an admin has pasted it.
    metadata_address = LineColumn(_("metadata address"), max_length=1000, blank=True, default="")
    groups_claim = LineColumn(_("claim with groups"), max_length=100, blank=True, default="groups")
    adds_members = models.BooleanField(_("add people who sign in for the first time"), default=True)
    #: Whether members get in with this provider only. Those in `exempt` may use a password when it is away.
    is_required = models.BooleanField(_("single sign-on only"), default=False)
    exempt = models.ManyToManyField(
        Membership, related_name="+", blank=True, verbose_name=_("admins who may use a password")
    )

    #: What it publishes and its keys, as `configuration` read them; empty until it could.
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
        return self.issuer or self.metadata_address

    @property
    def is_saml(self) -> bool:
        return self.protocol == self.Protocol.SAML

    @property
    def is_ready(self) -> bool:
        """Whether people can sign in by it."""
        if self.is_saml:
            return bool(self.document and self.keys) and saml_extra.is_installed()
        return bool(self.document and self.keys and self.client_secret)


class SignOnAnswer(models.Model):
    """A SAML assertion that a provider's page has posted: used once, remembered until it is over.

    The POST comes from another site, without the browser's session. So what it says waits here for the redirect after
    it, which brings the session; the row stays, so that no assertion comes twice.
    """

    provider = models.ForeignKey(
        IdentityProvider, on_delete=models.CASCADE, related_name="answers", verbose_name=_("identity provider")
    )
    # Hashes: of the assertion's id, of the token in the address that the browser is led to, of the request's id.
    assertion = models.CharField(max_length=64, editable=False)
    token = models.CharField(max_length=64, unique=True, editable=False)
    answers_to = models.CharField(max_length=64, editable=False)
    #: Whom it describes, as JSON; "" once it was used.
    claims = SecretTextField(blank=True, default="", editable=False)
    is_used = models.BooleanField(_("used"), default=False)
    until = models.DateTimeField(_("valid until"), db_index=True)

    class Meta:
        verbose_name, verbose_name_plural = _("SAML answer"), _("SAML answers")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["provider", "assertion"], name="saml_assertion_once")]

    def __str__(self) -> str:
        return str(self.pk)
