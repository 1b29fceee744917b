"""The parts of a calendar vendor's entry in the registry, for its folder to make them of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django import forms

from integrations.base import Pacer
from integrations.calendars import Calendar, CalendarInfo, Notices

#: What a connection's credentials are made of, as its vendor's folder names them.
Credentials = Mapping[str, str]


class CalendarFactory(Protocol):
    """Makes the vendor with credentials; makes no call. `keep` is called with those that took their place, where the
    vendor gives new ones while it is used (a new refresh token)."""

    def __call__(
        self,
        credentials: Credentials,
        *,
        pacer: Pacer | None = None,
        keep: Callable[[Credentials], None] | None = None,
    ) -> Calendar: ...


class CredentialsForm(forms.Form):
    """A form that takes credentials, for a vendor's folder to extend.

    `secret_fields` are never shown again: not on the page that comes back after an error, and in no table but the
    encrypted one. All others are.
    """

    secret_fields: tuple[str, ...] = ()

    def credentials(self) -> dict[str, str]:
        """Return what the vendor's factory takes, from a valid form."""
        return {name: str(value) for name, value in self.cleaned_data.items()}

    def entered(self) -> dict[str, Any]:
        """Return what was typed and may be shown again."""
        return {name: value for name, value in self.data.items() if name in self.shown_again}

    def hide_secrets(self) -> None:
        """Leave the secrets out of a form that comes back, whatever its widgets would show again."""
        self.data = {name: value for name, value in self.data.items() if name not in self.secret_fields}

    @property
    def shown_again(self) -> list[str]:
        return [name for name in self.fields if name not in self.secret_fields]


@dataclass(frozen=True, slots=True)
class ConsentRequest:
    """The way of a person to the vendor's page of consent, and back to `back`, the one address registered there.

    `challenge`: of PKCE, S256. `hint`: the address to offer there.
    """

    state: str
    challenge: str
    back: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Consent:
    """A person's own consent at the vendor (OAuth 2.0, code flow with PKCE)."""

    #: Whether this installation has a client there (settings).
    is_offered: Callable[[], bool]
    #: The address of the vendor's page.
    address: Callable[[ConsentRequest], str]
    #: The credentials for a code, its verifier and the address it came back to. Calls the vendor; raises ToolErrors.
    exchange: Callable[[str, str, str], Credentials]


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One vendor. `describe` is asked anew each time, because waiting times are settings.

    `everyone_form` takes credentials for a whole organization, `person_form` a member's own; None where the vendor has
    no such way in. `revoke` asks the vendor to forget credentials. `trial`: credentials of a stand-in for a whole
    organization, where the installation offers one. `notices` reads a vendor's call about watches: its headers, the
    parameters of its address and its body. It believes nothing: compare each token.
    """

    describe: Callable[[], CalendarInfo]
    factory: CalendarFactory
    everyone_form: type[CredentialsForm] | None = None
    person_form: type[CredentialsForm] | None = None
    consent: Consent | None = None
    revoke: Callable[[Credentials], None] | None = None
    trial: Callable[[], Credentials] = dict
    notices: Callable[[Mapping[str, str], Mapping[str, str], bytes], Notices] | None = None

    @property
    def info(self) -> CalendarInfo:
        return self.describe()
