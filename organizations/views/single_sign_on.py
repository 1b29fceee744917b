"""The pages "Single sign-on" and "Directory" of the settings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods

from organizations import parameters
from organizations.access import AccessRequest, allowed, post_only
from organizations.directory import domains, tokens
from organizations.directory.views import base_address
from organizations.lists import Column, plain_heads
from organizations.mail_server import can_leave
from organizations.members import LastAdmin
from organizations.models import (
    Directory,
    DirectoryGroup,
    DirectoryToken,
    DirectoryUser,
    Domain,
    GroupRole,
    IdentityProvider,
    Membership,
)
from organizations.once import once
from organizations.permissions import Permission
from organizations.single_sign_on import saml_extra, services
from organizations.single_sign_on.configuration import PROBLEMS
from organizations.single_sign_on.forms import (
    DefaultRoleForm,
    DomainForm,
    GroupRoleForm,
    ProviderForm,
    RequiredForm,
    SamlForm,
)
from organizations.single_sign_on.views import redirect_address, saml_party

Protocol = IdentityProvider.Protocol
#: Groups that are offered while a name is typed.
MOST_OFFERED = 200
DOMAIN_COLUMNS = {
    "domain": Column(gettext_lazy("Domain")),
    "state": Column(gettext_lazy("State")),
    "actions": Column(gettext_lazy("Actions"), is_named=False),
}
LAST_ADMIN = gettext_lazy("This would take the role of the last admin. Make another member an admin first.")


def _sign_on(request: AccessRequest) -> str:
    return request.access.url("settings-single-sign-on")


def _page_with_domain(request: AccessRequest, pk: int) -> str:
    request.access.find(Domain, pk)
    return _sign_on(request)


def _directory(request: AccessRequest) -> str:
    return request.access.url("settings-directory")


def _page_with_token(request: AccessRequest, pk: int) -> str:
    request.access.find(DirectoryToken, pk)
    return _directory(request)


def _page_with_group(request: AccessRequest, pk: int) -> str:
    request.access.find(GroupRole, pk)
    return _directory(request)


@allowed(Permission.MANAGE_MEMBERS)
@require_GET
def single_sign_on(request: AccessRequest) -> HttpResponse:
    return sign_on_page(request)


def sign_on_page(request: AccessRequest, **forms: Any) -> HttpResponse:
    """Show domains and the provider; `forms` replaces the forms that have errors."""
    organization, provider = request.access.organization, _provider_of(request)
    exempt = [row.pk for row in provider.exempt.all()] if provider.pk else []
    blank = IdentityProvider(organization=organization)
    context = {
        "protocol": parameters.choice(request.GET.get("protocol"), Protocol.values, provider.protocol),
        "saml_form": SamlForm(instance=provider if provider.is_saml else blank),
        "saml_party": saml_party(organization.slug),
        "has_saml": saml_extra.is_installed(),
        "certificates": [datetime.fromisoformat(key["until"]) for key in provider.keys if "until" in key],
        "domains": [_domain_row(row) for row in request.access.all(Domain).order_by("name")],
        "domain_heads": plain_heads(DOMAIN_COLUMNS),
        "domain_form": DomainForm(organization=organization),
        "provider": provider,
        "provider_form": ProviderForm(instance=blank if provider.is_saml else provider),
        "provider_problem": PROBLEMS.get(provider.problem, ""),
        "is_checking": _is_checking(provider),
        "required_form": RequiredForm(
            organization=organization, initial={"is_required": provider.is_required, "exempt": exempt}
        ),
        "redirect_address": redirect_address(organization),
    }
    return render(request, "organizations/settings_single_sign_on.html", context | forms)


def _domain_row(row: Domain) -> dict[str, Any]:
    return {
        "domain": row,
        "record": domains.record_name(row),
        "value": domains.record_value(row),
        "is_checking": _is_checking(row),
        "problem": domains.PROBLEMS.get(row.problem, ""),
    }


def _is_checking(row: Domain | IdentityProvider) -> bool:
    asked, checked = row.check_asked_at, row.checked_at
    return asked is not None and (checked is None or checked < asked)


def _provider_of(request: AccessRequest) -> IdentityProvider:
    found = request.access.all(IdentityProvider).first()
    return found or IdentityProvider(organization=request.access.organization)


@allowed(Permission.MANAGE_MEMBERS)
@post_only(_sign_on)
@once
def domain_add(request: AccessRequest) -> HttpResponse:
    form = DomainForm(request.POST, organization=request.access.organization)
    if not form.is_valid():
        return sign_on_page(request, domain_form=form)
    try:
        domains.add(organization=request.access.organization, name=form.cleaned_data["name"], actor=request.user)
    except domains.TooMany:
        form.add_error("name", _("There are %(most)d domains. Remove one first.") % {"most": domains.MOST})
        return sign_on_page(request, domain_form=form)
    messages.success(request, _("Domain added. Now prove that it is yours."))
    return redirect(_sign_on(request))


@allowed(Permission.MANAGE_MEMBERS)
@post_only(_page_with_domain)
def domain_check(request: AccessRequest, pk: int) -> HttpResponse:
    domains.ask_for_check(request.access.find(Domain, pk))
    return redirect(_sign_on(request))


@allowed(Permission.MANAGE_MEMBERS)
@require_http_methods(["GET", "POST"])
def domain_remove(request: AccessRequest, pk: int) -> HttpResponse:
    """Say in a dialog what ends with the domain (GET), then remove it (POST)."""
    domain = request.access.find(Domain, pk, "organization")
    if request.method == "GET":
        people = request.access.all(Membership).filter(user__email__endswith=f"@{domain.name}").count()
        context = {"domain": domain, "people": people}
        return render(request, "organizations/settings_domain_remove.html", context)
    domains.remove(domain=domain, actor=request.user)
    messages.success(request, _("Domain removed."))
    return redirect(_sign_on(request))


@sensitive_post_parameters("client_secret")
@sensitive_variables()
@allowed(Permission.MANAGE_MEMBERS)
@post_only(_sign_on)
def provider_save(request: AccessRequest) -> HttpResponse:
    provider = _provider_of(request)
    issuer = "" if provider.is_saml else provider.issuer
    provider.protocol, provider.metadata_address = Protocol.OIDC, ""
    form = ProviderForm(request.POST, instance=provider)
    if not form.is_valid():
        return sign_on_page(request, provider_form=form, protocol=Protocol.OIDC)
    services.save_provider(
        provider=form.instance,
        secret=form.cleaned_data["client_secret"],
        actor=request.user,
        is_other_issuer=issuer != form.cleaned_data["issuer"],
    )
    messages.success(request, _("Provider saved. It is being checked."))
    return redirect(_sign_on(request))


@allowed(Permission.MANAGE_MEMBERS)
@post_only(_sign_on)
def saml_save(request: AccessRequest) -> HttpResponse:
    if not saml_extra.is_installed():
        return sign_on_page(request, protocol=Protocol.SAML)
    provider, before = _provider_of(request), _provider_of(request)
    if not before.is_saml:
        provider.protocol, provider.client_id, provider.client_secret = Protocol.SAML, "", ""  # type: ignore[assignment]
        provider.issuer, provider.document, provider.keys = "", {}, []
    form = SamlForm(request.POST, instance=provider)
    if not form.is_valid():
        return sign_on_page(request, saml_form=form, protocol=Protocol.SAML)
    if form.published is not None:
        provider.issuer, is_other = form.published[0]["issuer"], form.published[0]["issuer"] != before.issuer
    else:
        is_other = form.cleaned_data["metadata_address"] != before.metadata_address
        provider.issuer = "" if is_other else provider.issuer
    services.save_provider(
        provider=provider,
        published=form.published,
        actor=request.user,
        is_other_issuer=is_other or not before.is_saml,
    )
    messages.success(request, _("Provider saved. It is being checked."))
    return redirect(_sign_on(request))


@allowed(Permission.MANAGE_MEMBERS)
@post_only(_sign_on)
def provider_check(request: AccessRequest) -> HttpResponse:
    provider = _provider_of(request)
    if provider.pk:
        services.ask_for_check(provider)
    return redirect(_sign_on(request))


@allowed(Permission.MANAGE_MEMBERS)
@require_http_methods(["GET", "POST"])
def provider_remove(request: AccessRequest) -> HttpResponse:
    """Say in a dialog who can no longer sign in (GET), then remove the provider (POST)."""
    provider = _provider_of(request)
    if request.method == "GET":
        if not provider.pk:
            return redirect(_sign_on(request))
        without = request.access.all(Membership).filter(
            user__password__startswith=UNUSABLE_PASSWORD_PREFIX, user__is_active=True
        )
        context = {"provider": provider, "without_password": without.count(), "can_mail": can_leave()}
        return render(request, "organizations/settings_provider_remove.html", context)
    if provider.pk:
        services.remove_provider(provider=provider, actor=request.user)
        messages.success(request, _("Provider removed. Members sign in with their passwords."))
    return redirect(_sign_on(request))


@allowed(Permission.MANAGE_MEMBERS)
@post_only(_sign_on)
def provider_require(request: AccessRequest) -> HttpResponse:
    provider = _provider_of(request)
    form = RequiredForm(request.POST, organization=request.access.organization)
    if form.is_valid() and form.cleaned_data["is_required"] and not provider.is_ready:
        form.add_error("is_required", _("Set up a provider that works first."))
    if not form.is_valid():
        return sign_on_page(request, required_form=form)
    if provider.pk:
        services.require(
            provider=provider,
            is_required=form.cleaned_data["is_required"],
            exempt=list(form.cleaned_data["exempt"]),
            actor=request.user,
        )
    messages.success(request, _("Saved."))
    return redirect(_sign_on(request))


_TOKENS = {
    "token": Column(gettext_lazy("Token")),
    "used": Column(gettext_lazy("Last used")),
    "ends": Column(gettext_lazy("Works until")),
    "actions": Column(gettext_lazy("Actions"), is_named=False),
}
_GROUPS = {
    "group": Column(gettext_lazy("Group")),
    "role": Column(gettext_lazy("Role")),
    "actions": Column(gettext_lazy("Actions"), is_named=False),
}


@allowed(Permission.MANAGE_MEMBERS)
@require_GET
def directory(request: AccessRequest) -> HttpResponse:
    return directory_page(request)


def directory_page(request: AccessRequest, **context: Any) -> HttpResponse:
    """Show tokens and roles; `context` replaces the forms that have errors, and has a new token."""
    organization = request.access.organization
    names = request.access.all(DirectoryGroup).order_by("name").values_list("name", flat=True).distinct()
    page = {
        "address": base_address(),
        "tokens": tokens.working(organization).order_by("-created_at", "-pk"),
        "default_form": DefaultRoleForm(instance=request.access.all(Directory).first()),
        "group_form": GroupRoleForm(organization=organization),
        "group_roles": request.access.all(GroupRole).order_by("group"),
        "known_groups": list(names[:MOST_OFFERED]),
        "token_heads": plain_heads(_TOKENS),
        "group_heads": plain_heads(_GROUPS),
        "people_count": request.access.all(DirectoryUser).filter(active=True).count(),
    }
    return render(request, "organizations/settings_directory.html", page | context)


@never_cache
@sensitive_variables()
@allowed(Permission.MANAGE_MEMBERS)
@post_only(_directory)
def token_create(request: AccessRequest) -> HttpResponse:
    """Make a token, and show it on the page that answers: the only one that ever does."""
    try:
        token = tokens.create(organization=request.access.organization, actor=request.user)
    except tokens.TooMany:
        return _too_many_tokens(request)
    return directory_page(request, new_token=token)


@never_cache
@sensitive_variables()
@allowed(Permission.MANAGE_MEMBERS)
@post_only(_page_with_token)
def token_renew(request: AccessRequest, pk: int) -> HttpResponse:
    """Make a successor and show it; the old token works for a week longer."""
    row = request.access.find(DirectoryToken, pk, "organization")
    try:
        token = tokens.renew(token=row, actor=request.user)
    except tokens.TooMany:
        return _too_many_tokens(request)
    return directory_page(request, new_token=token)


def _too_many_tokens(request: AccessRequest) -> HttpResponse:
    messages.error(request, _("There are %(most)d tokens. End one first.") % {"most": tokens.MOST})
    return redirect(_directory(request))


@allowed(Permission.MANAGE_MEMBERS)
@post_only(_page_with_token)
def token_end(request: AccessRequest, pk: int) -> HttpResponse:
    tokens.end(token=request.access.find(DirectoryToken, pk, "organization"), actor=request.user)
    messages.success(request, _("Token ended."))
    return redirect(_directory(request))


@allowed(Permission.MANAGE_MEMBERS)
@post_only(_directory)
def default_role(request: AccessRequest) -> HttpResponse:
    found = request.access.all(Directory).first() or Directory(organization=request.access.organization)
    form = DefaultRoleForm(request.POST, instance=found)
    if not form.is_valid():
        return directory_page(request, default_form=form)
    services.save_default_role(directory=form.instance, actor=request.user)
    messages.success(request, _("Default role saved."))
    return redirect(_directory(request))


@allowed(Permission.MANAGE_MEMBERS)
@post_only(_directory)
def group_role_add(request: AccessRequest) -> HttpResponse:
    form = GroupRoleForm(request.POST, organization=request.access.organization)
    if not form.is_valid():
        return directory_page(request, group_form=form)
    try:
        services.add_group_role(row=form.instance, actor=request.user)
    except LastAdmin:
        form.add_error("role", str(LAST_ADMIN))
        return directory_page(request, group_form=form)
    messages.success(request, _("Role of the group saved."))
    return redirect(_directory(request))


@allowed(Permission.MANAGE_MEMBERS)
@post_only(_page_with_group)
def group_role_remove(request: AccessRequest, pk: int) -> HttpResponse:
    row = request.access.find(GroupRole, pk, "organization")
    try:
        services.remove_group_role(row=row, actor=request.user)
    except LastAdmin:
        messages.error(request, str(LAST_ADMIN))
        return redirect(_directory(request))
    messages.success(request, _("Role of the group removed."))
    return redirect(_directory(request))
