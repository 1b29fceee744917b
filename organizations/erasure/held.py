"""Everything that is held on a person, as plain JSON for that person: no secrets, no hashes, nothing about others."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from organizations import audit, devices, limits, trail
from organizations.account_trail import record_account
from organizations.hooks import erasures
from organizations.models import (
    AuditEvent,
    DayOff,
    DirectoryUser,
    Invitation,
    Membership,
    Organization,
    User,
)


@transaction.atomic
def take_own(user: User) -> dict[str, Any]:
    """Collect all that is held on the reader, anywhere. Counted and recorded. Raises limits.Reached."""
    limits.count(limits.EXPORTS, user.pk)
    record_account(user, "account.data_downloaded", actor=user)
    found = Organization.objects.filter(pk__in=_organizations(user)).order_by("name", "pk")
    return {
        "made_at": timezone.now(),
        "account": _account(user),
        "organizations": [in_organization(user, organization) for organization in found],
    }


@transaction.atomic
def take_of_member(*, user: User, organization: Organization, actor: User) -> dict[str, Any]:
    """Collect what one organization holds on a member, or a former one. Raises limits.Reached."""
    limits.count(limits.EXPORTS, actor.pk)
    audit.record(
        organization=organization, actor=actor, action="member.data_exported", subject=user,
        person=audit.Person("user", user.pk),
    )  # fmt: skip
    here = {"name": user.name, "email": user.email, "time_zone": user.time_zone, "video_room": user.video_room}
    return {"made_at": timezone.now(), "account": here, "organizations": [in_organization(user, organization)]}


def in_organization(user: User, organization: Organization) -> dict[str, Any]:
    """Collect what an organization holds: this app's part, then that of the apps above."""
    own = erasures.held(user, organization)
    return {"organization": organization.name, **own}


def of_this_app(user: User, organization: Organization) -> dict[str, Any]:
    """Tell membership, days off, invitations, the directory's words and the activity (`hooks.erasures`)."""
    membership = Membership.objects.filter(user=user, organization=organization).first()
    mine = {"organization": organization}
    return {
        "membership": _membership(membership) if membership else None,
        "invitations_received": [
            {"role": row.role, "sent_at": row.created_at, "accepted_at": row.accepted_at}
            for row in Invitation.objects.filter(email=user.email, **mine).order_by("pk")
        ],
        "invitations_sent": [
            {"email": row.email, "role": row.role, "sent_at": row.created_at}
            for row in Invitation.objects.filter(invited_by=user, **mine).order_by("pk")
        ],
        "directory": [
            {"written": row.content, "active": row.active, "changed_at": row.changed_at}
            for row in DirectoryUser.objects.filter(Q(membership__user=user) | Q(email=user.email), **mine).order_by(
                "pk"
            )
        ],
        "activity": _activity(user, organization),
    }


def _membership(membership: Membership) -> dict[str, Any]:
    days = DayOff.objects.filter(membership=membership).order_by("day", "pk")
    return {
        "role": membership.role,
        "since": membership.created_at,
        "works_from": membership.work_from,
        "works_until": membership.work_until,
        "working_days": membership.work_days,
        "public_holidays_of": membership.holidays_of,
        "days_off": [{"day": one.day, "note": one.note} for one in days],
    }


def _activity(user: User, organization: Organization) -> list[dict[str, Any]]:
    """The rows of the activity by the person and about them. Others are in none of the sentences."""
    about = Q(actor=user) | Q(person_type="user", person_id=user.pk)
    rows = AuditEvent.objects.filter(about, organization=organization).order_by("id")
    return [
        {
            "at": row.created_at,
            "by_you": row.actor_id == user.pk,
            "what": trail.sentence_naming_only(row, user),
        }
        for row in rows.iterator(chunk_size=2000)
    ]


def _account(user: User) -> dict[str, Any]:
    return {
        "name": user.name,
        "email": user.email,
        "email_waiting_for_proof": user.pending_email,
        "email_is_proven": EmailAddress.objects.filter(user=user, email=user.email, verified=True).exists(),
        "time_zone": user.time_zone,
        "video_room": user.video_room,
        "made_at": user.created_at,
        "last_sign_in": user.last_login,
        "may_use_the_django_admin": user.is_staff,
        "second_steps": [
            {"kind": row.type, "added_at": row.created_at, "last_used_at": row.last_used_at}
            for row in Authenticator.objects.filter(user=user).order_by("pk")
        ],
        "single_sign_on": [
            {"provider": row.provider, "id_there": row.uid, "last_sign_in": row.last_login}
            for row in SocialAccount.objects.filter(user=user).order_by("pk")
        ],
        "signed_in": [
            {
                "browser": devices.in_words(row.browser),
                "network": row.place,
                "since": row.started_at,
                "last_used_at": row.seen_at,
            }
            for row in user.sessions.order_by("pk")
        ],
    }


def _organizations(user: User) -> set[int]:
    """The ids of organizations that hold something: the person's, and those of which they were a member."""
    now = set(Membership.objects.filter(user=user).values_list("organization_id", flat=True))
    about = Q(actor=user) | Q(person_type="user", person_id=user.pk)
    return now | set(AuditEvent.objects.filter(about).order_by().values_list("organization_id", flat=True).distinct())


def plain(value: object) -> str:
    """A time, or anything else that JSON has no form for, as text."""
    return value.isoformat() if isinstance(value, datetime) else str(value)
