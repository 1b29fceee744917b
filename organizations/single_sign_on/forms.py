"""Forms of single sign-on and of the directory."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from organizations import addresses
from organizations.fields import AddressField, LineField, RowsField
from organizations.forms import StyledFormMixin
from organizations.models import Directory, Domain, GroupRole, IdentityProvider, Membership, Organization
from organizations.single_sign_on import configuration, fetch, saml_metadata

NO_DOMAIN = _("This is not a domain. Enter one like example.com.")


class AddressForm(StyledFormMixin, forms.Form):
    """An address, of which only the domain counts. `providers` has those that it leads to."""

    email = AddressField(widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}))

    def clean_email(self) -> str:
        email = addresses.key(str(self.cleaned_data["email"]))
        domains = Domain.objects.filter(name=email.rpartition("@")[2], proven_at__isnull=False)
        found = IdentityProvider.objects.filter(organization__in=domains.values("organization"))
        rows = found.select_related("organization").order_by("organization__name", "pk")
        self.providers = [provider for provider in rows if provider.is_ready]
        if not self.providers:
            raise ValidationError(_("No single sign-on is set up for this domain. Sign in with your password."))
        return email


class DomainForm(StyledFormMixin, forms.Form):
    """A domain of mail addresses."""

    name = LineField(label=_("Domain"), max_length=253, widget=forms.TextInput(attrs={"placeholder": "example.com"}))

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organization = organization

    def clean_name(self) -> str:
        try:
            name = addresses.key(addresses.clean(f"x@{self.cleaned_data['name']}")).rpartition("@")[2]
        except ValidationError:
            raise ValidationError(NO_DOMAIN) from None
        if "." not in name:
            raise ValidationError(NO_DOMAIN)
        if Domain.objects.filter(organization=self.organization, name=name).exists():
            raise ValidationError(_("This domain is in the list already."))
        return name


class ProviderForm(StyledFormMixin, forms.ModelForm[IdentityProvider]):
    """The provider. Its secret is entered, and never shown again: empty keeps the stored one."""

    client_secret = forms.CharField(
        label=_("Client secret"),
        max_length=1000,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    class Meta:
        model = IdentityProvider
        fields = ("issuer", "client_id", "groups_claim", "adds_members")
        labels = {
            "groups_claim": _("Claim with groups"),
            "adds_members": _("Add people of your domains when they first sign in"),
        }
        help_texts = {
            "issuer": _("The provider's address, such as https://login.example.com. Copy it exactly."),
            "groups_claim": _("Groups in it give roles. Leave empty to give roles by hand."),
        }

    field_order = ("issuer", "client_id", "client_secret", "groups_claim", "adds_members")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.client_secret:
            hint = _("A secret is stored. Leave empty to keep it.")
        elif self.instance.pk:
            hint = _("The stored secret can't be read. Enter it again.")
        else:
            hint = _("It is stored encrypted.")
        self.fields["client_secret"].help_text = hint

    def clean_issuer(self) -> str:
        issuer = str(self.cleaned_data["issuer"]).strip()
        try:
            fetch.check_address(issuer)
        except fetch.NotAllowed:
            raise ValidationError(_("Enter a public address that begins with https://.")) from None
        return issuer

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        secret, kept = cleaned.get("client_secret"), self.initial.get("issuer") == cleaned.get("issuer")
        # A stored secret is the former issuer's: whoever enters another one must not have it sent there.
        if not secret and not (self.instance.client_secret and kept) and "client_secret" not in self.errors:
            self.add_error("client_secret", _("Enter the secret that belongs to this issuer."))
        return cleaned


class SamlForm(StyledFormMixin, forms.ModelForm[IdentityProvider]):
    """A SAML provider: the address of its metadata, or the metadata. `published` has what was pasted."""

    pasted = forms.CharField(
        label=_("Metadata"),
        max_length=fetch.LARGEST_ANSWER,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
        help_text=_("Paste the XML where the provider publishes it at no address."),
    )
    published: tuple[dict[str, Any], list[dict[str, Any]]] | None = None

    class Meta:
        model = IdentityProvider
        fields = ("metadata_address", "groups_claim", "adds_members")
        labels = {
            "groups_claim": _("Attribute with groups"),
            "adds_members": _("Add people of your domains when they first sign in"),
        }
        help_texts = {
            "metadata_address": _("New certificates are read from it every hour."),
            "groups_claim": _("Groups in it give roles. Leave empty to give roles by hand."),
        }

    field_order = ("metadata_address", "pasted", "groups_claim", "adds_members")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.document and not self.instance.metadata_address:
            self.fields["pasted"].help_text = _("Metadata is stored. Leave empty to keep it.")

    def clean_metadata_address(self) -> str:
        address = str(self.cleaned_data["metadata_address"]).strip()
        if address:
            try:
                fetch.check_address(address)
            except fetch.NotAllowed:
                raise ValidationError(_("Enter a public address that begins with https://.")) from None
        return address

    def clean_pasted(self) -> str:
        pasted = str(self.cleaned_data["pasted"])
        if pasted:
            try:
                self.published = saml_metadata.read(pasted.encode(errors="replace"))
            except saml_metadata.Unusable as unusable:
                raise ValidationError(configuration.PROBLEMS[unusable.code]) from None
            except fetch.NotAllowed:
                raise ValidationError(configuration.PROBLEMS["not_allowed"]) from None
        return pasted

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        address, is_pasted = cleaned.get("metadata_address"), self.published is not None
        if address and is_pasted:
            self.add_error("pasted", _("Enter the address or the metadata, not both."))
        was_pasted = bool(self.instance.document) and not self.initial.get("metadata_address")
        if not address and not is_pasted and not was_pasted and not self.errors:
            self.add_error("metadata_address", _("Enter the address of the metadata, or paste it below."))
        return cleaned


class RequiredForm(StyledFormMixin, forms.Form):
    """Single sign-on only, and the admins who may use a password when the provider is away."""

    is_required = forms.BooleanField(label=_("Members sign in with single sign-on only"), required=False)
    exempt = RowsField(
        label=_("Admins who may use a password in an emergency"),
        queryset=Membership.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["exempt"]
        assert isinstance(field, RowsField)  # noqa: S101 - for the type
        field.queryset = Membership.objects.filter(
            organization=organization, role=Membership.Role.ADMIN, user__is_active=True
        ).select_related("user")
        field.label_from_instance = lambda row: str(row.user)  # type: ignore[method-assign, assignment]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        chosen = cleaned.get("exempt")
        if cleaned.get("is_required") and not (chosen and any(row.user.has_usable_password() for row in chosen)):
            text = _(
                "Choose at least one admin who has a password. Otherwise nobody gets in while the provider is away."
            )
            self.add_error("exempt", text)
        return cleaned


class DefaultRoleForm(StyledFormMixin, forms.ModelForm[Directory]):
    class Meta:
        model = Directory
        fields = ("default_role",)
        help_texts = {"default_role": _("For people in none of the groups below.")}


class GroupRoleForm(StyledFormMixin, forms.ModelForm[GroupRole]):
    class Meta:
        model = GroupRole
        fields = ("group", "role")
        help_texts = {"group": _("Its name in the directory, or its id.")}

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.organization = organization
        self.fields["group"].widget.attrs["list"] = "known-groups"
        role = self.fields["role"]
        assert isinstance(role, forms.ChoiceField)  # noqa: S101
        role.choices = [("", _("Choose a role")), *Membership.Role.choices]

    def clean_group(self) -> str:
        group = str(self.cleaned_data["group"])
        if GroupRole.objects.filter(organization=self.instance.organization, group=group).exists():
            raise ValidationError(_("This group has a role already. Remove that first."))
        return group
