"""SAML metadata: what a provider publishes about itself, and what Panelist does (OASIS SAML Metadata 2.0)."""

from __future__ import annotations

import base64
import binascii
from typing import Any
from xml.sax.saxutils import quoteattr

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from django.utils import timezone

from organizations.single_sign_on import fetch

SAML2 = "urn:oasis:names:tc:SAML:2.0:protocol"
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
LONGEST_ENTITY_ID = 500
#: A provider that replaces its certificate publishes both for a while.
MOST_CERTIFICATES = 10


class Unusable(Exception):
    """The metadata can't be used; `code` is one of `configuration.PROBLEMS`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read(data: bytes) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The document and the keys that are kept of a provider's metadata. Raises Unusable, fetch.NotAllowed."""
    from organizations.single_sign_on.saml_xml import NotXML, children, parse, tag

    try:
        root = parse(data, allows_comments=True)
    except NotXML:
        raise Unusable("not_metadata") from None
    entities = [root] if root.tag == tag("md:EntityDescriptor") else children(root, "md:EntityDescriptor")
    found = [(entity, role) for entity in entities for role in children(entity, "md:IDPSSODescriptor")]
    if len(found) != 1 or SAML2 not in (found[0][1].get("protocolSupportEnumeration") or "").split():
        raise Unusable("not_metadata")
    entity, role = found[0]
    issuer = (entity.get("entityID") or "").strip()
    if not issuer or len(issuer) > LONGEST_ENTITY_ID or not issuer.isprintable():
        raise Unusable("not_metadata")
    if (role.get("WantAuthnRequestsSigned") or "").lower() in {"true", "1"}:
        raise Unusable("wants_signed_requests")
    places = [place for place in children(role, "md:SingleSignOnService") if place.get("Binding") == REDIRECT]
    if not places:
        raise Unusable("no_redirect")
    address = (places[0].get("Location") or "").strip()
    fetch.check_address(address)
    return {"issuer": issuer, "sign_on_address": address}, _keys(role)


def _keys(role: Any) -> list[dict[str, Any]]:
    """The certificates for signing, of which one at least has not expired. Raises Unusable."""
    from organizations.single_sign_on.saml_xml import children, tag, text

    keys: dict[str, dict[str, Any]] = {}
    for descriptor in children(role, "md:KeyDescriptor"):
        if descriptor.get("use", "signing") != "signing":
            continue
        for element in descriptor.iter(tag("ds:X509Certificate")):
            certificate = _certificate(text(element))
            if certificate is not None:
                encoded = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
                keys[encoded] = {"certificate": encoded, "until": certificate.not_valid_after_utc.isoformat()}
    if not keys:
        raise Unusable("no_certificate")
    now = timezone.now().isoformat()
    working = [key for key in keys.values() if key["until"] > now]
    if not working:
        raise Unusable("certificate_over")
    return working[:MOST_CERTIFICATES]


def _certificate(encoded: str) -> x509.Certificate | None:
    """A certificate with a key that is strong enough; None for any other."""
    try:
        found = x509.load_der_x509_certificate(base64.b64decode("".join(encoded.split()), validate=True))
        key = found.public_key()
    except (ValueError, binascii.Error, TypeError, UnsupportedAlgorithm):
        return None
    is_strong = isinstance(key, rsa.RSAPublicKey) and key.key_size >= 2048
    return found if is_strong or isinstance(key, ec.EllipticCurvePublicKey) else None


def ours(entity_id: str, back: str) -> str:
    """Panelist's own metadata: who it is for the provider, where answers go, and that assertions have to be signed."""
    formats = "".join(
        f"<md:NameIDFormat>urn:oasis:names:tc:SAML:{name}</md:NameIDFormat>"
        for name in ("1.1:nameid-format:emailAddress", "2.0:nameid-format:persistent")
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID={quoteattr(entity_id)}>'
        f'<md:SPSSODescriptor AuthnRequestsSigned="false" WantAssertionsSigned="true"'
        f' protocolSupportEnumeration="{SAML2}">{formats}'
        f'<md:AssertionConsumerService Binding="{POST}" Location={quoteattr(back)} index="0" isDefault="true"/>'
        "</md:SPSSODescriptor></md:EntityDescriptor>\n"
    )
