"""Read what a provider publishes about itself, and keep it: no page waits for that."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organizations.models import IdentityProvider
from organizations.single_sign_on import fetch, saml_extra, saml_metadata

log = structlog.get_logger(__name__)

WELL_KNOWN = "/.well-known/openid-configuration"
#: A key that is not among the stored ones may be new: then they are read again, but no more often than this.
KEYS_EVERY = timedelta(minutes=1)
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
#: Sentences for the codes in `IdentityProvider.problem`.
PROBLEMS = {
    "not_allowed": _("This address can't be used. Enter a public address that begins with https://."),
    "no_answer": _("The provider doesn't answer. Check its address, then check again."),
    "refused": _("There is no provider at this address. Check the address."),
    "other_issuer": _("The provider calls itself by another issuer. Copy it from the provider's own page."),
    "incomplete": _("The provider publishes no complete configuration. Check the issuer."),
    "not_metadata": _("This is no metadata of a SAML 2.0 provider. Copy its address from the provider's own page."),
    "no_redirect": _("The provider has no sign-in page for the binding HTTP-Redirect. Switch it on there."),
    "no_certificate": _("The metadata has no certificate that can be used. RSA keys need 2048 bits."),
    "certificate_over": _("The provider's certificate has expired. Renew it there, then check again."),
    "wants_signed_requests": _("The provider wants signed requests. Switch that off there, then check again."),
    "not_installed": _("This installation doesn't speak SAML. Whoever runs the server can add it."),
}


def check(provider_id: int) -> None:
    """Read what a provider publishes: its addresses and keys. Note whether that worked."""
    provider = IdentityProvider.objects.filter(pk=provider_id).first()
    if provider is None:
        return
    issuer, metadata_address = provider.issuer, provider.metadata_address
    values = _read_metadata(provider) if provider.is_saml else _read(issuer)
    if values["problem"]:
        log.warning("provider_not_read", provider=provider_id, problem=values["problem"])
        values = {"problem": values["problem"]}  # what was read before still works
    # Not where another provider was entered while this was read.
    IdentityProvider.objects.filter(
        pk=provider_id, protocol=provider.protocol, issuer=issuer, metadata_address=metadata_address
    ).update(checked_at=timezone.now(), **values)


def check_all() -> None:
    """Check every provider. Called by beat, so that new keys and addresses are known before they are needed."""
    for pk in IdentityProvider.objects.order_by("pk").values_list("pk", flat=True):
        check(pk)


def read_keys_again(provider: IdentityProvider) -> bool:
    """Read the keys of a provider, which has signed with one that is not stored. False where they were just read.

    Raises fetch.NoAnswer, fetch.NotAllowed, fetch.Refused.
    """
    now = timezone.now()
    if provider.keys_at is not None and provider.keys_at > now - KEYS_EVERY:
        return False
    IdentityProvider.objects.filter(pk=provider.pk).update(keys_at=now)
    provider.keys, provider.keys_at = _keys(provider.document["jwks_uri"]), now
    provider.save(update_fields=["keys"])
    return True


def _read_metadata(provider: IdentityProvider) -> dict[str, Any]:
    """The values in a SAML provider's metadata. Where it was pasted, whether a certificate still counts."""
    if not saml_extra.is_installed():
        return {"problem": "not_installed"}
    now = timezone.now()
    if not provider.metadata_address:
        return {"problem": "" if any(key["until"] > now.isoformat() for key in provider.keys) else "certificate_over"}
    try:
        document, keys = saml_metadata.read(fetch.get_document(provider.metadata_address))
    except saml_metadata.Unusable as unusable:
        return {"problem": unusable.code}
    except fetch.NotAllowed:
        return {"problem": "not_allowed"}
    except fetch.NoAnswer:
        return {"problem": "no_answer"}
    except fetch.Refused:
        return {"problem": "refused"}
    if provider.issuer not in {"", document["issuer"]}:
        return {"problem": "other_issuer"}
    return {"issuer": document["issuer"], "document": document, "keys": keys, "keys_at": now, "problem": ""}


def _read(issuer: str) -> dict[str, Any]:
    try:
        document = fetch.get(issuer.rstrip("/") + WELL_KNOWN)
        if document.get("issuer") != issuer:
            return {"problem": "other_issuer"}
        for name in ENDPOINTS:
            if not isinstance(document.get(name), str):
                return {"problem": "incomplete"}
            fetch.check_address(document[name])
        keys = _keys(document["jwks_uri"])
    except fetch.NotAllowed:
        return {"problem": "not_allowed"}
    except fetch.NoAnswer:
        return {"problem": "no_answer"}
    except fetch.Refused:
        return {"problem": "refused"}
    if not keys:
        return {"problem": "incomplete"}
    kept = {name: document[name] for name in ("issuer", *ENDPOINTS)}
    for name in ("userinfo_endpoint", "token_endpoint_auth_methods_supported"):
        if document.get(name):
            kept[name] = document[name]
    scopes = document.get("scopes_supported")
    kept["has_groups_scope"] = isinstance(scopes, list) and "groups" in scopes
    kept["sends_issuer"] = document.get("authorization_response_iss_parameter_supported") is True
    return {"document": kept, "keys": keys, "keys_at": timezone.now(), "problem": ""}


def _keys(address: str) -> list[dict[str, Any]]:
    found = fetch.get(address).get("keys")
    return [key for key in found if isinstance(key, dict)][:50] if isinstance(found, list) else []
