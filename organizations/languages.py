"""The language that each text is in.

Pages: the member's own, else what the browser asks for. Mails to a member: their own, else the organization's. Messages
to candidates, and texts that an organization has customized: the organization's. A worker serves everybody, so whatever
it writes to people names its language here, and takes none over from what it did before.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from organizations.models import Membership, Organization, User

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

#: The page's own name for "no language chosen".
AS_IN_BROWSER = _("As in your browser")


def known(code: str) -> str:
    """Return the code, or "" for a language that this installation does not offer (any more)."""
    return code if code in dict(settings.LANGUAGES) else ""


def of_organization(organization: Organization) -> str:
    return known(organization.language) or settings.LANGUAGE_CODE


def of_person(user: User, organization: Organization | None = None) -> str:
    """Return the language of mails to an account: about an organization, or about the account itself."""
    if own := known(user.language):
        return own
    if organization is None:
        first = Membership.objects.filter(user=user).select_related("organization").order_by("id").first()
        organization = first.organization if first is not None else None
    return of_organization(organization) if organization is not None else settings.LANGUAGE_CODE


def of_reader(request: HttpRequest, user: object) -> str:
    """Return the language of pages for somebody, who may be a visitor."""
    return known(str(getattr(user, "language", ""))) or translation.get_language_from_request(request)


def speaking_to(user: User, organization: Organization | None = None) -> AbstractContextManager[None]:
    """Activate the language of mails to an account, inside `with`."""
    return translation.override(of_person(user, organization))


def speaking_for(organization: Organization) -> AbstractContextManager[None]:
    """Activate the organization's language, inside `with`."""
    return translation.override(of_organization(organization))


class LanguageField(forms.ChoiceField):
    """One of the installation's languages, each under its own name. `empty`: the words for none of them."""

    def __init__(self, *, empty: StrOrPromise | None = None, **options: object) -> None:
        self._empty = empty
        options.setdefault("label", _("Language"))
        super().__init__(choices=self._offered, required=empty is None, **options)  # type: ignore[arg-type]

    def _offered(self) -> list[tuple[str, StrOrPromise]]:
        return [*([("", self._empty)] if self._empty is not None else []), *settings.LANGUAGES]
