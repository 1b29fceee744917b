"""The two addresses that a SAML provider uses: where it posts answers, and where it reads what Panelist is."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import structlog
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_POST

from organizations.models import IdentityProvider
from organizations.single_sign_on import answers, saml, saml_extra, saml_metadata, services
from organizations.single_sign_on.claims import Invalid
from organizations.single_sign_on.views import UNTRUSTED, failed, ready_provider, redirect_address, saml_party

log = structlog.get_logger(__name__)

LONGEST_STATE = 80  # SAML Bindings 2.0, 3.4.3
#: The metadata may have a new certificate where a signature fits none; it is read again this often at most.
METADATA_EVERY = timedelta(minutes=1)


@csrf_exempt
@never_cache
@require_POST
@sensitive_post_parameters()
@sensitive_variables()
def consume(request: HttpRequest, organization: str) -> HttpResponse:
    """Check an answer that the provider's page has posted, and lead the browser on to where it shows its session.

    Exempt from the CSRF check, because it comes from the provider's site. It is bound to the browser by the request
    that it answers, in `views.callback`; this view signs nobody in and touches no session.
    """
    provider = ready_provider(organization)
    if not provider.is_saml:
        raise Http404
    try:
        answer = saml.read(provider, saml_party(organization), request.POST.get("SAMLResponse", ""))
        token = answers.keep(provider, answer)
    except saml.Unasked:
        text = _("Sign-ins begin here, not on the provider's page. Start below.")
        return failed(request, provider, text)
    except Invalid as wrong:
        log.warning("sign_on_failed", provider=provider.pk, reason=wrong.reason)
        if wrong.reason == "signature":
            _read_metadata_again(provider)
        if wrong.reason == "status":
            return failed(request, provider, _("The provider didn't sign you in. Start again, or ask an admin."))
        return failed(request, provider, str(UNTRUSTED))
    state = request.POST.get("RelayState", "")[:LONGEST_STATE]
    there = redirect_address(provider.organization)
    return redirect(f"{there}?{urlencode({'state': state, 'answer': token})}")


@require_GET
def metadata(request: HttpRequest, organization: str) -> HttpResponse:  # noqa: ARG001
    """Panelist's metadata for an organization. The same for one that isn't there: nothing is looked up."""
    if not saml_extra.is_installed():
        raise Http404
    party = saml_party(organization)
    return HttpResponse(saml_metadata.ours(party.entity_id, party.back), content_type="application/samlmetadata+xml")


def _read_metadata_again(provider: IdentityProvider) -> None:
    asked = provider.check_asked_at
    if provider.metadata_address and (asked is None or asked < timezone.now() - METADATA_EVERY):
        with transaction.atomic():
            services.ask_for_check(provider)
