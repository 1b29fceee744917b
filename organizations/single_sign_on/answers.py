"""SAML answers between the POST that brings them and the GET that signs their person in.

The provider's page posts from its own site, and browsers send no SameSite=Lax cookie with that. So the POST is checked
in all that the assertion tells, kept under a random token, and answered by a redirect to an address of Panelist. To
that the browser sends its session, which knows the requests that it has begun. Nothing else binds the two: a stranger's
assertion that is posted by another browser finds no request there.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import asdict

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from organizations.models import IdentityProvider, SignOnAnswer
from organizations.single_sign_on.claims import Claims, Invalid
from organizations.single_sign_on.saml import Answer


@sensitive_variables()
def keep(provider: IdentityProvider, answer: Answer) -> str:
    """Keep an answer that was checked; the token with which it is taken. Raises Invalid for one that came before."""
    token = secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            SignOnAnswer.objects.create(
                provider=provider,
                assertion=_hash(answer.assertion),
                token=_hash(token),
                answers_to=_hash(answer.answers_to),
                claims=json.dumps(asdict(answer.claims)),
                until=answer.until,
            )
    except IntegrityError:
        raise Invalid("replayed") from None
    return token


@sensitive_variables()
def take(provider: IdentityProvider, token: str, request: str) -> Claims:
    """The claims of the answer to a request, once. Raises Invalid."""
    found = SignOnAnswer.objects.filter(
        provider=provider, token=_hash(token), answers_to=_hash(request), until__gt=timezone.now()
    ).first()
    if found is None or not found.claims:
        raise Invalid("no answer")
    values = json.loads(found.claims)
    if not SignOnAnswer.objects.filter(pk=found.pk, is_used=False).update(is_used=True, claims=""):
        raise Invalid("no answer")
    groups = values.pop("groups")
    return Claims(**values, groups=None if groups is None else tuple(groups))


def forget_old() -> None:
    """Delete answers whose assertions are over. Called by beat."""
    SignOnAnswer.objects.filter(until__lt=timezone.now()).delete()


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
