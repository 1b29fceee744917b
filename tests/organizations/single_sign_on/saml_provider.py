"""A SAML provider in the test process, which signs with libxmlsec: another implementation than the one that checks.

It answers the requests that Panelist sends; a test bends what it says before it is signed, or after.
"""

from __future__ import annotations

import base64
import html
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from django.test import Client
from django.urls import reverse
from lxml import etree

from organizations.models import IdentityProvider
from organizations.single_sign_on import saml_metadata
from organizations.single_sign_on.views import saml_party
from tests.conftest import Team

NAMES = {
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}
ISSUER, SIGN_ON = "https://login.corp.example/saml", "https://login.corp.example/sign-on"
DAY = timedelta(days=1)
_pairs: dict[str, tuple[bytes, str]] = {}


def pair(name: str = "first", *, until: timedelta = 365 * DAY) -> tuple[bytes, str]:
    """A private key as PEM and its certificate as base64, made once for all tests: making one takes a while."""
    if name not in _pairs:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 400 * DAY)
            .not_valid_after(now + until)
            .sign(key, hashes.SHA256())
        )
        encoded = base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()
        _pairs[name] = (pem, encoded)
    return _pairs[name]


def metadata(
    *certificates: str, issuer: str = ISSUER, sign_on: str = SIGN_ON, attributes: str = "", prolog: str = ""
) -> str:
    keys = "".join(
        f'<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{one}</ds:X509Certificate>'
        "</ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        for one in certificates or (pair()[1],)
    )
    return (
        f'{prolog}<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"'
        f' xmlns:ds="{NAMES["ds"]}" entityID="{issuer}"><!-- made by hand --><md:IDPSSODescriptor {attributes}'
        f' protocolSupportEnumeration="{NAMES["samlp"]}">{keys}'
        f'<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{sign_on}"/>'
        "</md:IDPSSODescriptor></md:EntityDescriptor>"
    )


@dataclass
class Said:
    """The provider's words about a person: a test changes them before they are signed."""

    answers_to: str
    audience: str
    back: str
    name_id: str = "ann@corp.example"
    name_format: str = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
    attributes: dict[str, list[str]] = field(default_factory=lambda: {"displayName": ["Ann Ito"]})
    issuer: str = ISSUER
    assertion_id: str = ""
    ends: timedelta = timedelta(minutes=5)
    begins: timedelta = timedelta(minutes=-1)
    signed_in: timedelta = timedelta()
    recipient: str = ""
    destination: str = ""
    status: str = "Success"


class SamlProvider:
    """The provider of an organization, and what it signs with."""

    def __init__(self, team: Team, row: IdentityProvider, key: bytes, certificate: str) -> None:
        self.team, self.row, self.issuer, self.key, self.certificate = team, row, row.issuer, key, certificate
        self.party = saml_party(team.slug)
        self.made = 0

    @classmethod
    def new(cls, team: Team) -> SamlProvider:
        document, keys = saml_metadata.read(metadata().encode())
        row = IdentityProvider.objects.create(
            organization=team.organization, protocol="saml", issuer=ISSUER, document=document, keys=keys
        )
        return cls(team, row, *pair())

    def begin(self, browser: Client, page: str = "") -> dict[str, str]:
        """The request that Panelist sends to the provider by the browser: RelayState, id and XML."""
        address = reverse("single-sign-on-begin", kwargs={"organization": self.team.slug})
        response = browser.get(address, {"next": page} if page else {})
        assert response.status_code == 302 and response["Location"].startswith(self.row.document["sign_on_address"])
        return request_in(response["Location"])

    def said(self, request: str, **changes: Any) -> Said:
        values: dict[str, Any] = {
            "answers_to": request,
            "audience": self.party.entity_id,
            "back": self.party.back,
        } | changes
        return Said(**({"issuer": self.issuer} | values))

    def signed(self, said: Said, **how: Any) -> Any:
        """The response as a tree, with a signed assertion."""
        self.made += 1
        response = etree.fromstring(response_of(said, f"{id(self)}-{self.made}"))
        sign(response.find("saml:Assertion", NAMES), self.key, self.certificate, **how)
        return response

    def posted(self, response: Any, state: str) -> Any:
        """Panelist's answer to the provider's page, whose POST brings none of the browser's cookies."""
        data = response if isinstance(response, bytes) else etree.tostring(response)
        fields = {"SAMLResponse": base64.b64encode(data).decode(), "RelayState": state}
        strict = Client(enforce_csrf_checks=True, headers={"origin": "https://login.corp.example"})
        posted = strict.post(urlsplit(self.party.back).path, fields)
        assert not posted.cookies  # they would replace the browser's own
        return posted

    def post(self, browser: Client, response: Any, state: str) -> Any:
        """Post an answer by way of a browser, and go on to where that is led."""
        posted = self.posted(response, state)
        if posted.status_code != 302:
            return posted
        return browser.get(posted["Location"])

    def sign_in(
        self, browser: Client, page: str = "", *, change: Callable[[Any], Any] | None = None, **changes: Any
    ) -> Any:
        """The way there and back. `change` gets the signed response, and returns what is posted."""
        sent = self.begin(browser, page)
        how = {name: changes.pop(name) for name in ("transform", "digest") if name in changes}
        response = self.signed(self.said(sent["request"], **changes), **how)
        return self.post(browser, change(response) if change else response, sent["state"])


def request_in(address: str) -> dict[str, str]:
    """The parts of a request in an address of the provider."""
    values = {name: found[0] for name, found in parse_qs(urlsplit(address).query).items()}
    document = zlib.decompress(base64.b64decode(values["SAMLRequest"]), -15)
    root = etree.fromstring(document)
    return {"state": values["RelayState"], "request": root.get("ID"), "document": document.decode()}


def response_of(said: Said, number: str | int = 1) -> bytes:
    now = datetime.now(UTC)
    written = {name: (now + getattr(said, name)).strftime("%Y-%m-%dT%H:%M:%SZ") for name in ("ends", "begins")}
    signed_in = (now + said.signed_in).strftime("%Y-%m-%dT%H:%M:%SZ")
    reply = f' InResponseTo="{said.answers_to}"' if said.answers_to else ""
    attributes = "".join(
        f'<saml:Attribute Name="{name}">'
        + "".join(f"<saml:AttributeValue>{html.escape(value)}</saml:AttributeValue>" for value in values)
        + "</saml:Attribute>"
        for name, values in said.attributes.items()
    )
    audience = f"<saml:AudienceRestriction><saml:Audience>{said.audience}</saml:Audience></saml:AudienceRestriction>"
    return f"""<samlp:Response xmlns:samlp="{NAMES["samlp"]}" xmlns:saml="{NAMES["saml"]}" ID="_r{number}" Version="2.0"
 IssueInstant="{written["begins"]}" Destination="{said.destination or said.back}"{reply}>
<saml:Issuer>{said.issuer}</saml:Issuer>
<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:{said.status}"/></samlp:Status>
<saml:Assertion ID="{said.assertion_id or f"_a{number}"}" Version="2.0" IssueInstant="{written["begins"]}">
<saml:Issuer>{said.issuer}</saml:Issuer>
<saml:Subject><saml:NameID Format="{said.name_format}">{html.escape(said.name_id)}</saml:NameID>
<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
<saml:SubjectConfirmationData NotOnOrAfter="{written["ends"]}" Recipient="{said.recipient or said.back}"{reply}/>
</saml:SubjectConfirmation></saml:Subject>
<saml:Conditions NotBefore="{written["begins"]}" NotOnOrAfter="{written["ends"]}">{audience}</saml:Conditions>
<saml:AuthnStatement AuthnInstant="{signed_in}"><saml:AuthnContext/></saml:AuthnStatement>
<saml:AttributeStatement>{attributes}</saml:AttributeStatement>
</saml:Assertion>
</samlp:Response>""".encode()


def sign(
    element: Any,
    key: bytes,
    certificate: str,
    transform: Any = xmlsec.constants.TransformRsaSha256,
    digest: Any = xmlsec.constants.TransformSha256,
) -> None:
    """Sign an element with an enveloped signature behind its issuer, as the specification wants it."""
    signature = xmlsec.template.create(element, xmlsec.constants.TransformExclC14N, transform, ns="ds")
    element.insert(1, signature)
    reference = xmlsec.template.add_reference(signature, digest, uri=f"#{element.get('ID')}")
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformEnveloped)
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformExclC14N)
    info = xmlsec.template.ensure_key_info(signature)
    xmlsec.template.add_x509_data(info)
    xmlsec.tree.add_ids(element, ["ID"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(key, xmlsec.constants.KeyDataFormatPem)
    context.key.load_cert_from_memory(base64.b64decode(certificate), xmlsec.constants.KeyDataFormatCertDer)
    context.sign(signature)


class _Page(BaseHTTPRequestHandler):
    """The provider's pages: its metadata, and the sign-in with a button that posts the answer."""

    server: SamlServer

    def do_GET(self) -> None:
        if self.path.startswith("/metadata"):
            self._send(self.server.metadata, "application/samlmetadata+xml")
            return
        if not self.path.startswith("/sign-on"):
            self._send("", "image/svg+xml")  # the icon of the site, which browsers ask for
            return
        asked = request_in(f"http://provider{self.path}")
        self.server.requests.append(asked["document"])
        answer = etree.fromstring(response_of(self.server.said(asked["request"]), len(self.server.requests)))
        sign(answer.find("saml:Assertion", NAMES), *pair())
        packed = base64.b64encode(etree.tostring(answer)).decode()
        self._send(
            f"""<!doctype html><html lang="en"><title>Provider</title><form method="post" action="{self.server.back}">
            <input type="hidden" name="SAMLResponse" value="{packed}">
            <input type="hidden" name="RelayState" value="{asked["state"]}">
            <button>Sign in at the provider</button></form>""",
            "text/html",
        )

    def _send(self, text: str, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *args: Any) -> None:
        """Nothing: pytest has enough to say."""


class SamlServer(ThreadingHTTPServer):
    """A provider with pages, at 127.0.0.1; Panelist stands at localhost, another site."""

    def __init__(self, team: Team) -> None:
        super().__init__(("127.0.0.1", 0), _Page)
        self.address = f"http://127.0.0.1:{self.server_port}"
        self.party = saml_party(team.slug)
        self.back = self.party.back
        self.metadata = metadata(issuer=self.address, sign_on=f"{self.address}/sign-on")
        self.requests: list[str] = []
        self.changes: dict[str, Any] = {}

    def said(self, request: str) -> Said:
        return Said(request, self.party.entity_id, self.back, issuer=self.address, **self.changes)


@pytest.fixture
def saml_server(team: Team) -> Iterator[SamlServer]:
    server = SamlServer(team)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def provider(team: Team) -> SamlProvider:
    return SamlProvider.new(team)
