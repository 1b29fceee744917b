"""Two-step sign-in: a code of an app or a passkey, which organizations may ask of their members.

The steps, the codes and the passkeys are django-allauth's (`allauth.mfa`). Here is what it asks the product for, when
an organization asks for the second step, and how it is taken off for somebody who has lost theirs.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy

from organizations import devices, htmx, sessions
from organizations.audit import Person, record
from organizations.models import Membership, Organization, User

#: What counts as a second step. Recovery codes only stand in for one of them.
STEPS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
#: The parts of an authenticator's data that are encrypted.
SECRETS = ("secret", "seed")


class Shared(Exception):
    """The account belongs to other organizations, too: one of them alone must not make it less safe."""


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """The seams at which allauth.mfa asks the product."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy("This code is wrong or was used already. Enter the next one."),
        "unverified_email": gettext_lazy("Confirm your e-mail address first: the link is in the mail we sent you."),
    }

    def encrypt(self, text: str) -> str:
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret, or, where none of FERNET_KEYS can read it, one that no code fits."""
        try:
            return _fernet().decrypt(encrypted_text).decode()
        except InvalidToken:
            return str(generate_totp_secret())

    def get_totp_issuer(self) -> str:
        return "Panelist"

    def generate_authenticator_name(self, user: User, type: str) -> str:  # noqa: ARG002 - the library's names
        """Propose the device as the passkey's name, such as "Firefox on Windows"."""
        return devices.in_words(context.request.headers.get("User-Agent", ""))

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Passkeys belong to the host of BASE_URL, whatever other host a request names."""
        return {"id": urlsplit(settings.BASE_URL).hostname or "", "name": "Panelist"}


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FERNET_KEYS])


def has_second_step(user: models.OuterRef | Any) -> models.Exists:
    """A condition for queries: the account, an `OuterRef` or an id, has a second step."""
    return models.Exists(Authenticator.objects.filter(user=user, type__in=STEPS))


def is_set_up(user: User | AnonymousUser) -> bool:
    return user.is_authenticated and Authenticator.objects.filter(user=user, type__in=STEPS).exists()


def asked_of(membership: Membership) -> bool:
    """Whether the organization asks the member for a second step, now or from a day to come."""
    whom = membership.organization.second_step_for
    return whom == Organization.SecondStep.EVERYBODY or (whom == Organization.SecondStep.ADMINS and membership.is_admin)


def is_due(membership: Membership) -> bool:
    """Whether the member has to set up a second step before anything else.

    The membership comes with `has_second_step`, as `access.access_for` reads it.
    """
    since = membership.organization.second_step_since
    return (
        asked_of(membership)
        and not getattr(membership, "has_second_step", False)
        and (since is None or since <= timezone.now())
    )


def count_as_set_up(membership: Membership) -> None:
    """Ask nothing more of a member whom the organization's own provider has identified, by steps of its own."""
    membership.has_second_step = True  # type: ignore[attr-defined]


def lead_to_set_up(request: HttpRequest) -> HttpResponse:
    """Lead a member to the page where a second step is set up, and from there back to the page that was asked for."""
    page = request.get_full_path() if request.method == "GET" and not htmx.is_asked(request) else reverse("start")
    return htmx.redirect(request, f"{reverse('mfa_index')}?{urlencode({'next': page})}")


def asking(user: User) -> list[Membership]:
    """The memberships for which the person is asked for a second step, with their organizations."""
    found = Membership.objects.select_related("organization").filter(user=user).order_by("organization__name", "id")
    return [membership for membership in found if asked_of(membership)]


def day_of(organization: Organization) -> str:
    """The day from which the second step is asked for, in the reader's zone."""
    return date_format(timezone.localtime(organization.second_step_since or timezone.now()), "DATE_FORMAT")


@transaction.atomic
def save_rule(*, organization: Organization, whom: str, days: int, actor: User) -> None:
    """Ask for a second step from all in `whom`, in so many `days`. Who was asked before keeps their day."""
    current = Organization.objects.select_for_update().get(pk=organization.pk)
    before = current.second_step_for
    if whom == before:
        return
    wider = before == Organization.SecondStep.NOBODY or whom == Organization.SecondStep.EVERYBODY
    if whom == Organization.SecondStep.NOBODY:
        current.second_step_since = None
    elif wider:
        current.second_step_since = timezone.now() + timedelta(days=days)
    current.second_step_for = whom
    current.save(update_fields=["second_step_for", "second_step_since"])
    record(
        organization=current,
        actor=actor,
        action="organization.second_step_changed",
        subject=current,
        detail={"whom": whom, "days": days},
    )


def without(organization: Organization) -> models.QuerySet[Membership]:
    """The members who are asked for a second step and have none, in the order of lists."""
    members = Membership.objects.filter(organization=organization, user__is_active=True)
    if organization.second_step_for == Organization.SecondStep.ADMINS:
        members = members.filter(role=Membership.Role.ADMIN)
    return members.exclude(has_second_step(models.OuterRef("user"))).select_related("user")


def is_shared(user: User, organization: Organization) -> bool:
    """Whether the account belongs to other organizations, too, or to whoever runs the installation."""
    return user.is_staff or Membership.objects.filter(user=user).exclude(organization=organization).exists()


@transaction.atomic
def take_off(user: User) -> bool:
    """Take all second steps and recovery codes off an account, and end its sessions. False where it has none."""
    removed = Authenticator.objects.filter(user=user).delete()[0]
    if removed:
        sessions.end_all(user)
    return bool(removed)


@transaction.atomic
def take_off_for(*, membership: Membership, actor: User) -> bool:
    """Take the second step off a member's account, for an admin. False where there is none. Raises Shared."""
    if is_shared(membership.user, membership.organization):
        raise Shared
    done = take_off(membership.user)
    if done:
        record(
            organization=membership.organization,
            actor=actor,
            action="member.second_step_taken_off",
            subject=membership,
            person=Person("user", membership.user_id),
            detail={"user": membership.user_id},
        )
    return done


def unreadable() -> list[int]:
    """The ids of authenticators whose secret none of FERNET_KEYS can read: no code fits them. Passkeys have none."""
    fernet = _fernet()
    return [row.pk for row in Authenticator.objects.order_by("pk") if not _is_readable(row, fernet)]


def _is_readable(row: Authenticator, fernet: MultiFernet) -> bool:
    try:
        for name in SECRETS:
            fernet.decrypt(row.data.get(name) or fernet.encrypt(b""))
    except InvalidToken:
        return False
    return True


def forget_unreadable() -> int:
    """Delete authenticators that can't be read: their people sign in without them, and set them up again."""
    return int(Authenticator.objects.filter(pk__in=unreadable()).delete()[0])


def reencrypt() -> tuple[int, int]:
    """Encrypt the secrets of all authenticators with the first of FERNET_KEYS.

    Returns how many rows were encrypted, and how many stayed as they were because no key reads them.
    """
    done = lost = 0
    fernet = _fernet()
    for pk in Authenticator.objects.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().filter(pk=pk).first()
            names = [name for name in SECRETS if row is not None and name in row.data]
            if row is None or not names:
                continue
            try:
                row.data |= {name: fernet.rotate(row.data[name]).decode() for name in names}
            except InvalidToken:
                lost += 1
                continue
            row.save(update_fields=["data"])
            done += 1
    return done, lost
