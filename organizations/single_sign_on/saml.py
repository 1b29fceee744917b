"""SAML 2.0, as the side that relies on the provider: web browser sign-on, begun here, answered by POST.

What a provider says counts when the assertion itself is signed with a published certificate, made by this issuer, for
this organization, in answer to a request, and has not expired (SAML Profiles 2.0, 4.1.4). Everything is read from what
`signxml` hands out as signed, never from the document that came: an assertion that is wrapped around another counts
for nothing. Whose request it answers is compared later, where the browser's cookie is (`answers.py`).
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit
from xml.sax.saxutils import escape, quoteattr

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.debug import sensitive_variables

from organizations.models import IdentityProvider
from organizations.single_sign_on.claims import LEEWAY, MOST_GROUPS, Claims, Invalid
from organizations.single_sign_on.saml_metadata import POST

#: Characters of an answer as it is posted. One with 500 groups has about 60,000.
LONGEST_ANSWER = 200_000
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
ADDRESSES = (
    "email",
    "mail",
    "urn:oid:0.9.2342.19200300.100.1.3",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
)
NAMES = (
    "name",
    "displayName",
    "urn:oid:2.16.840.1.113730.3.1.241",
    "http://schemas.microsoft.com/identity/claims/displayname",
)
SKEW = timedelta(seconds=LEEWAY)


class Unasked(Invalid):
    """The provider began: nobody has asked it here."""


@dataclass(frozen=True, slots=True)
class Party:
    """The two addresses by which the provider knows an organization here: its name, and where answers go."""

    entity_id: str
    back: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The content of a signed assertion. It counts until `until`, for the request `answers_to` alone."""

    assertion: str
    answers_to: str
    until: datetime
    claims: Claims


def request_address(provider: IdentityProvider, party: Party, *, request: str, state: str, is_fresh: bool) -> str:
    """The provider's page that the browser is led to, with a request in it. `is_fresh`: ask who it is in any case."""
    address = str(provider.document["sign_on_address"])
    now = timezone.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    force = ' ForceAuthn="true"' if is_fresh else ""
    document = (
        '<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"'
        ' xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
        f' ID="{request}" Version="2.0" IssueInstant="{now}" Destination={quoteattr(address)}{force}'
        f' ProtocolBinding="{POST}" AssertionConsumerServiceURL={quoteattr(party.back)}>'
        f"<saml:Issuer>{escape(party.entity_id)}</saml:Issuer></samlp:AuthnRequest>"
    )
    deflate = zlib.compressobj(wbits=-15)
    packed = base64.b64encode(deflate.compress(document.encode()) + deflate.flush()).decode()
    return (
        f"{address}{'&' if urlsplit(address).query else '?'}{urlencode({'SAMLRequest': packed, 'RelayState': state})}"
    )


@sensitive_variables()
def read(provider: IdentityProvider, party: Party, posted: str) -> Answer:
    """Check an answer as it was posted, except whose request it answers. Raises Invalid, Unasked."""
    from organizations.single_sign_on.saml_xml import NotXML, only, parse, tag, text

    if len(posted) > LONGEST_ANSWER:
        raise Invalid("too long")
    try:
        data = base64.b64decode("".join(posted.split()), validate=True)
        response = parse(data)
    except (binascii.Error, ValueError, NotXML):
        raise Invalid("no xml") from None
    if response.tag != tag("samlp:Response") or response.get("Version") != "2.0":
        raise Invalid("no response")
    if response.get("Destination", party.back) != party.back:
        raise Invalid("destination")
    if text(only(response, "saml:Issuer")) not in {"", provider.issuer}:
        raise Invalid("issuer")
    status = only(response, "samlp:Status")
    code = only(status, "samlp:StatusCode") if status is not None else None
    if code is None or code.get("Value") != SUCCESS:
        raise Invalid("status")
    assertion = _signed(provider, data, response)
    return _answer(provider, party, response, assertion)


@sensitive_variables()
def _signed(provider: IdentityProvider, data: bytes, response: Any) -> Any:
    """The assertion as it was signed. Raises Invalid where the document has another than exactly one."""
    from organizations.single_sign_on.saml_signature import verified
    from organizations.single_sign_on.saml_xml import children, only, tag

    if children(response, "saml:EncryptedAssertion"):
        raise Invalid("encrypted")
    found = only(response, "saml:Assertion")
    if found is None or len(list(response.iter(tag("saml:Assertion")))) != 1:
        raise Invalid("assertions")
    return verified(data, response, found, [key["certificate"] for key in provider.keys if "certificate" in key])


def _answer(provider: IdentityProvider, party: Party, response: Any, assertion: Any) -> Answer:
    from organizations.single_sign_on.saml_xml import only, text

    if assertion.get("Version") != "2.0" or text(only(assertion, "saml:Issuer")) != provider.issuer:
        raise Invalid("issuer")
    until = _conditions(party, assertion)
    subject = only(assertion, "saml:Subject")
    if subject is None:
        raise Invalid("subject")
    data = _confirmation(party, subject)
    answers_to = data.get("InResponseTo") or ""
    if not answers_to and not response.get("InResponseTo"):
        raise Unasked("unasked")
    if not answers_to or response.get("InResponseTo", answers_to) != answers_to:
        raise Invalid("in response to")
    return Answer(
        assertion=assertion.get("ID"),
        answers_to=answers_to,
        until=max(until, _moment(data.get("NotOnOrAfter"))) + SKEW,
        claims=_claims(provider, assertion, subject),
    )


def _conditions(party: Party, assertion: Any) -> datetime:
    """The end of the assertion, which has begun and is for this organization. Raises Invalid."""
    from organizations.single_sign_on.saml_xml import children, only, text

    conditions = only(assertion, "saml:Conditions")
    if conditions is None:
        raise Invalid("conditions")
    restrictions = children(conditions, "saml:AudienceRestriction")
    audiences = [{text(one) for one in children(each, "saml:Audience")} for each in restrictions]
    if not audiences or not all(party.entity_id in each for each in audiences):
        raise Invalid("audience")
    now = timezone.now()
    begins, ends = conditions.get("NotBefore"), conditions.get("NotOnOrAfter")
    if begins is not None and _moment(begins) > now + SKEW:
        raise Invalid("not yet")
    until = _moment(ends) if ends is not None else now
    if until + SKEW <= now:
        raise Invalid("expired")
    return until


def _confirmation(party: Party, subject: Any) -> Any:
    """The confirmation's data: for the bearer, here, and not over. Raises Invalid."""
    from organizations.single_sign_on.saml_xml import children, only

    now = timezone.now()
    for each in children(subject, "saml:SubjectConfirmation"):
        data = only(each, "saml:SubjectConfirmationData")
        if each.get("Method") != BEARER or data is None or data.get("Recipient") != party.back:
            continue
        if data.get("NotBefore") is not None and _moment(data.get("NotBefore")) > now + SKEW:
            continue
        if _moment(data.get("NotOnOrAfter")) + SKEW > now:
            return data
    raise Invalid("confirmation")


def _claims(provider: IdentityProvider, assertion: Any, subject: Any) -> Claims:
    from organizations.single_sign_on.saml_xml import children, only, text

    name_id = only(subject, "saml:NameID")
    identity = text(name_id)
    statements = children(assertion, "saml:AuthnStatement")
    if not identity or name_id.get("Format") == TRANSIENT or not statements:
        raise Invalid("name id")
    over = [one.get("SessionNotOnOrAfter") for one in statements]
    if any(_moment(end) + SKEW <= timezone.now() for end in over if end is not None):
        raise Invalid("expired")
    values = _attributes(assertion)
    groups = _groups(provider, values)
    return Claims(
        subject=identity,
        email=_first(values, ADDRESSES) or (identity if "@" in identity else ""),
        is_email_denied=False,
        name=_first(values, NAMES),
        groups=groups,
        signed_in_at=max(_moment(one.get("AuthnInstant")) for one in statements).timestamp(),
    )


def _attributes(assertion: Any) -> dict[str, list[str]]:
    from organizations.single_sign_on.saml_xml import children, text

    found: dict[str, list[str]] = {}
    for statement in children(assertion, "saml:AttributeStatement"):
        for attribute in children(statement, "saml:Attribute"):
            values = [value for one in children(attribute, "saml:AttributeValue") if (value := text(one))]
            for name in {attribute.get("Name"), attribute.get("FriendlyName")} - {None}:
                found.setdefault(name, []).extend(values)
    return found


def _groups(provider: IdentityProvider, values: dict[str, list[str]]) -> tuple[str, ...] | None:
    """The person's groups. A provider that leaves the attribute out says that there are none.

    Except Microsoft Entra's: with more than 150 groups it has `….link` in the attribute's place, which tells nothing.
    """
    name = provider.groups_claim
    if not name or (name not in values and any(other.startswith(name + ".") for other in values)):
        return None
    return tuple(values.get(name, []))[:MOST_GROUPS]


def _first(values: dict[str, list[str]], names: Iterable[str]) -> str:
    return next((values[name][0] for name in names if values.get(name)), "")


def _moment(value: str | None) -> datetime:
    """A time as SAML writes it, in UTC. Raises Invalid."""
    try:
        found = parse_datetime(value or "")
    except ValueError:
        found = None
    if found is None or not 2000 < found.year < 2200:
        raise Invalid("time")
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
