"""Sign in by an organization's provider: the page that asks for the address, the way there, and the way back."""

from __future__ import annotations

import secrets
import time
from dataclasses import asdict
from typing import Any, cast

import structlog
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods

from organizations.models import IdentityProvider, Organization, User
from organizations.sessions import local_path
from organizations.single_sign_on import answers, confirming, entry, fetch, gate, oidc, saml
from organizations.single_sign_on.claims import Claims, Invalid
from organizations.single_sign_on.forms import AddressForm

log = structlog.get_logger(__name__)

#: Attempts of one browser that wait for the provider's answer: tabs. Each for so many seconds.
MOST_ATTEMPTS = 5
ATTEMPT_SECONDS = 600
UNTRUSTED = gettext_lazy("The provider's answer can't be trusted. Start again, or ask an admin.")
ATTEMPTS_KEY, HINT_KEY = "single_sign_on_attempts", "single_sign_on_hint"


@never_cache
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for an address, and lead on to the provider of its domain. Whether the address has an account stays unsaid.

    The way on is a link, which the page follows: browsers count a redirect after a form as part of sending it.
    """
    form = AddressForm(request.POST or None)
    after = local_path(request, request.POST.get("next") or request.GET.get("next") or "")
    if request.method == "POST" and form.is_valid():
        request.session[HINT_KEY] = form.cleaned_data["email"]
        found = [
            (provider.organization, gate.begin_address(provider.organization, after)) for provider in form.providers
        ]
        only = found[0] if len(found) == 1 else None
        context = {"found": found, "only": only, "brand_of": only[0] if only else None}
        return render(request, "single_sign_on/lead.html", context)
    return render(request, "single_sign_on/ask.html", {"form": form, "after": after})


@never_cache
@require_GET
def begin(request: HttpRequest, organization: str) -> HttpResponse:
    """Redirect to the provider."""
    provider = ready_provider(organization)
    if provider.organization.is_closed:
        return gate.show_closed(request, provider.organization)
    return _lead(request, provider, hint=request.session.pop(HINT_KEY, ""))


@never_cache
@login_required
@require_GET
def confirm(request: HttpRequest, organization: str) -> HttpResponse:
    """Redirect to the provider, which is to ask the signed-in person anew who they are."""
    user = cast(User, request.user)
    provider = ready_provider(organization)
    if provider not in entry.providers_of(user):
        raise Http404
    return _lead(request, provider, hint=user.email, confirms=user.pk)


def _lead(request: HttpRequest, provider: IdentityProvider, *, hint: str, confirms: int | None = None) -> HttpResponse:
    """Redirect to the provider, and remember the attempt. `confirms`: the account that it is about to confirm."""
    is_fresh = confirms is not None
    if provider.is_saml:
        new: dict[str, Any] = {"request": f"_{secrets.token_hex(20)}", "state": secrets.token_urlsafe(32)}
        address = saml.request_address(provider, saml_party(provider.organization.slug), is_fresh=is_fresh, **new)
    else:
        attempt = oidc.Attempt.new()
        new = asdict(attempt)
        address = oidc.authorization_address(provider, attempt, _back(provider), hint=hint, is_fresh=is_fresh)
    _remember_attempt(request, provider, new | {"confirms": confirms})
    return redirect(address)


@never_cache
@require_GET
@sensitive_variables()
def callback(request: HttpRequest, organization: str) -> HttpResponse:
    """Take the provider's answer and sign its person in. What is wrong is said on a page, with the way to retry."""
    provider = ready_provider(organization)
    if provider.organization.is_closed:
        return gate.show_closed(request, provider.organization)
    found = _claim_attempt(request, provider)
    if found is None:
        return failed(request, provider, _("This sign-in is over, or began in another browser. Start again."))
    problem = "" if provider.is_saml else _told_problem(request, provider)
    if problem:
        return failed(request, provider, problem)
    try:
        claims = _claims(request, provider, found)
        if found.get("confirms") is not None:
            problem = confirming.problem_of(request, provider, found, claims)
            return failed(request, provider, problem) if problem else redirect(found["next"] or "start")
        user = entry.enter(provider, claims)
    except (fetch.NoAnswer, fetch.NotAllowed):
        log.warning("sign_on_failed", provider=provider.pk, reason="no answer")
        return failed(request, provider, _("The provider doesn't answer, so it's unknown who you are. Try again."))
    except (Invalid, fetch.Refused) as wrong:
        log.warning("sign_on_failed", provider=provider.pk, reason=str(wrong) or type(wrong).__name__)
        return failed(request, provider, str(UNTRUSTED))
    except entry.NotLetIn as refused:
        log.warning("sign_on_refused", provider=provider.pk)
        return failed(request, provider, str(refused.message))
    return _sign_in(request, provider, user, found["next"])


@sensitive_variables()
def _claims(request: HttpRequest, provider: IdentityProvider, found: dict[str, Any]) -> Claims:
    """The person in the answer to an attempt: told with a code's exchange, or posted before."""
    if provider.is_saml:
        return answers.take(provider, request.GET.get("answer", ""), found["request"])
    attempt = oidc.Attempt(found["state"], found["nonce"], found["verifier"])
    return oidc.claims_for(provider, attempt, _back(provider), request.GET["code"])


def _sign_in(request: HttpRequest, provider: IdentityProvider, user: Any, after: str) -> HttpResponse:
    """Go on as after a password: a second factor where there is one, then the page that was asked for."""
    if request.user.is_authenticated:
        get_adapter(request).logout(request)
    gate.mark(request, provider.organization, user)
    record_authentication(request, user, "socialaccount", provider=str(provider.pk))
    home = reverse("home", kwargs={"organization": provider.organization.slug})
    response: HttpResponse = perform_login(request, user, email_verification="none", redirect_url=after or home)
    return response


def ready_provider(slug: str) -> IdentityProvider:
    found = IdentityProvider.objects.select_related("organization").filter(organization__slug=slug).first()
    if found is None or not found.is_ready:
        raise Http404
    return found


def _back(provider: IdentityProvider) -> str:
    return redirect_address(provider.organization)


def redirect_address(organization: Organization) -> str:
    """The address that the provider leads back to; it has to be entered there."""
    return settings.BASE_URL + reverse("single-sign-on-callback", kwargs={"organization": organization.slug})


def saml_party(slug: str) -> saml.Party:
    """The name of an organization at SAML providers, and where they post their answers. Nothing is looked up."""
    metadata, back = (
        settings.BASE_URL + reverse(name, kwargs={"organization": slug})
        for name in ("single-sign-on-saml-metadata", "single-sign-on-saml")
    )
    return saml.Party(entity_id=metadata, back=back)


def _remember_attempt(request: HttpRequest, provider: IdentityProvider, new: dict[str, Any]) -> None:
    about = {
        "organization": provider.organization_id,
        "protocol": provider.protocol,
        "at": time.time(),
        "next": local_path(request, request.GET.get("next", "")),
    }
    request.session[ATTEMPTS_KEY] = [*_waiting(request), new | about][-MOST_ATTEMPTS:]


def _waiting(request: HttpRequest) -> list[dict[str, Any]]:
    since = time.time() - ATTEMPT_SECONDS
    return [attempt for attempt in request.session.get(ATTEMPTS_KEY, []) if attempt["at"] > since]


def _claim_attempt(request: HttpRequest, provider: IdentityProvider) -> dict[str, Any] | None:
    """The attempt that the answer belongs to, which is used up by it; None for another browser's or organization's."""
    waiting, state = _waiting(request), request.GET.get("state", "")
    found = next((attempt for attempt in waiting if attempt["state"] == state), None)
    if found is None or (found["organization"], found.get("protocol")) != (provider.organization_id, provider.protocol):
        return None
    request.session[ATTEMPTS_KEY] = [attempt for attempt in waiting if attempt is not found]
    return found


def _told_problem(request: HttpRequest, provider: IdentityProvider) -> str:
    """A sentence for an answer without a code, or by another provider (RFC 9207); "" when it can be used."""
    issuer = request.GET.get("iss")
    if issuer is None and provider.document.get("sends_issuer"):
        issuer = ""
    if issuer is not None and issuer != provider.issuer:
        return str(UNTRUSTED)
    if request.GET.get("error") == "access_denied":
        return _("You cancelled the sign-in, or the provider doesn't let you in. Ask an admin of your organization.")
    if "error" in request.GET or not request.GET.get("code"):
        return _("The provider didn't sign you in. Start again, or ask an admin.")
    return ""


def failed(request: HttpRequest, provider: IdentityProvider, message: str) -> HttpResponse:
    """Say why nobody was signed in or confirmed."""
    context = {
        "message": message,
        "brand_of": provider.organization,
        "organization_name": provider.organization.name,
        "again": gate.begin_address(provider.organization),
    }
    return render(request, "single_sign_on/failed.html", context, status=403)
