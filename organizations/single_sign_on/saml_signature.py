"""Check the signature of a SAML assertion, and hand out what was signed.

`signxml` checks: it is written in Python on `cryptography` and `lxml`, and was last released in October 2026.
python3-saml's last release is of October 2023, and its native xmlsec has to be built for the very libxml2 of lxml;
pysaml2 starts the program xmlsec1, which the system has to bring, for each answer.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterable
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from organizations.single_sign_on.claims import Invalid
from organizations.single_sign_on.saml_xml import children, only, tag

#: SHA-1 is not among them.
CONFIGURATION = SignatureConfiguration(
    location=f"./{tag('saml:Assertion')}/",
    signature_methods=frozenset(
        {
            SignatureMethod.RSA_SHA256,
            SignatureMethod.RSA_SHA384,
            SignatureMethod.RSA_SHA512,
            SignatureMethod.ECDSA_SHA256,
            SignatureMethod.ECDSA_SHA384,
            SignatureMethod.ECDSA_SHA512,
            SignatureMethod.SHA256_RSA_MGF1,
            SignatureMethod.SHA384_RSA_MGF1,
            SignatureMethod.SHA512_RSA_MGF1,
        }
    ),
    digest_algorithms=frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512}),
)
#: One of the assertion, and one of the response around it, which is not needed.
MOST_SIGNATURES = 2


def verified(data: bytes, response: Any, assertion: Any, certificates: Iterable[str]) -> Any:
    """The assertion of a response, as it was signed with one of the certificates (base64). Raises Invalid."""
    _check_ids(response)
    identity = assertion.get("ID")
    signature = only(assertion, "ds:Signature")
    signatures = len(list(response.iter(tag("ds:Signature"))))
    outside = len(children(response, "ds:Signature"))
    if signature is None or not identity or signatures > MOST_SIGNATURES or signatures != 1 + outside:
        raise Invalid("signatures")
    references = list(signature.iter(tag("ds:Reference")))
    if len(references) != 1 or references[0].get("URI") != f"#{identity}":
        raise Invalid("reference")
    for certificate in certificates:
        signed = _signed_with(data, certificate)
        if signed is not None:
            if signed.tag != tag("saml:Assertion") or signed.get("ID") != identity:
                raise Invalid("signed another")
            return signed
    raise Invalid("signature")


def _check_ids(response: Any) -> None:
    """Two elements of one id leave open which of them was signed."""
    names = ("ID", "Id", "id", "{http://www.w3.org/XML/1998/namespace}id")
    found = Counter(value for each in response.iter(etree.Element) for name in names if (value := each.get(name)))
    if any(number > 1 for number in found.values()):
        raise Invalid("ids")


def _signed_with(data: bytes, certificate: str) -> Any:
    try:
        pinned = x509.load_der_x509_certificate(base64.b64decode(certificate))
        found = XMLVerifier().verify(data, x509_cert=pinned, id_attribute="ID", expect_config=CONFIGURATION)
    except (SignXMLException, etree.LxmlError, ValueError, TypeError, KeyError, AttributeError, UnsupportedAlgorithm):
        return None
    return None if isinstance(found, list) else found.signed_xml
