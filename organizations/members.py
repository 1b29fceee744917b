"""Write organizations and members. Each function is atomic and writes its audit row."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, time, timedelta
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from organizations import account_notices, branding, invitations, sessions
from organizations.account_trail import record_account
from organizations.audit import Person, record
from organizations.hooks import arrivals, coordinated_jobs, departures, settings_changes
from organizations.models import DayOff, Membership, Organization, User
from organizations.permissions import rights_of

Role = Membership.Role
#: The actions of the trail where nobody acts, and their names when the organization's directory does.
BY_DIRECTORY = {
    "member.joined": "directory.member_added",
    "member.removed": "directory.member_removed",
    "member.role_changed": "directory.role_changed",
}


class LastAdmin(Exception):
    """The change would leave the organization without an admin."""


@transaction.atomic
def save_organization(
    *,
    organization: Organization,
    changed: Sequence[str],
    actor: User,
    logo: bytes | None = None,
    removes_logo: bool = False,
) -> None:
    """Save an organization that a form has validated; `changed` names the changed fields.

    A new `logo` takes the former one's place; without one, `removes_logo` deletes that.
    """
    organization.save()
    if changed:
        _record_change(organization, actor, "changed", fields=list(changed))
        settings_changes.announce(organization, changed)
    if logo is not None:
        branding.save_logo(organization, logo)
        _record_change(organization, actor, "logo_changed")
    elif removes_logo and organization.logo_token:
        branding.remove_logo(organization)
        _record_change(organization, actor, "logo_removed")


def _record_change(organization: Organization, actor: User, what: str, **detail: Any) -> None:
    action = f"organization.{what}"
    record(organization=organization, actor=actor, action=action, subject=organization, detail=detail)


@transaction.atomic
def add_member(
    *, organization: Organization, user: User, role: str, actor: User | None, **hours: time | str
) -> Membership:
    """Make an account a member, without an invitation: single sign-on or the directory vouches for them."""
    membership = Membership.objects.create(organization=organization, user=user, role=role, **hours)
    _record(membership, actor, "member.joined", role=role)
    arrivals.announce(membership, user.email)
    return membership


@transaction.atomic
def save_member(
    *, membership: Membership, role: str, jobs: Collection[int], hours: Mapping[str, Any] | None, actor: User
) -> None:
    """Save what an admin changed of a member: the role with its jobs, and the working hours, None where they stay.

    Raises LastAdmin.
    """
    change_role(membership=membership, role=role, jobs=jobs, actor=actor)
    if hours is not None:
        save_hours(membership=membership, actor=actor, **hours)


@transaction.atomic
def change_role(*, membership: Membership, role: str, actor: User | None, jobs: Collection[int] = ()) -> None:
    """Change a member's role, and for a coordinator the jobs, by their ids; `actor` is None for the directory.

    Raises LastAdmin.
    """
    current = _locked(membership)
    if current.role != role:
        _change_role(current, role, actor)
    _assign_jobs(current, jobs if role == Role.COORDINATOR else (), actor)


def _change_role(current: Membership, role: str, actor: User | None) -> None:
    _require_another_admin(current)
    before, current.role = current.role, role
    current.save(update_fields=["role"])
    if not rights_of(role).manage_members:
        invitations.withdraw_all_of(organization=current.organization, sender=current.user, actor=actor)
    _record(current, actor, "member.role_changed", role=role, former_role=before)
    if actor is None or current.user_id != actor.pk:
        account_notices.tell(current.user, account_notices.Kind.ROLE_CHANGED, current.pk)


def _assign_jobs(membership: Membership, jobs: Collection[int], actor: User | None) -> None:
    """Make these a coordinator's jobs. When another role takes them all away, its row in the trail says enough."""
    before = _titles_of_jobs(membership)
    coordinated_jobs.assign(membership, jobs)
    after = _titles_of_jobs(membership)
    if before == after or membership.role != Role.COORDINATOR:
        return
    _record(membership, actor, "member.jobs_changed", jobs=", ".join(after))


def _titles_of_jobs(membership: Membership) -> list[str]:
    return [job.title for job in coordinated_jobs.of([membership]).get(membership.pk, [])]


@transaction.atomic
def remove_member(*, membership: Membership, actor: User | None, action: str = "member.removed") -> None:
    """Remove a member from the organization and its interviews; the account stays. Raises LastAdmin.

    `action` says in the trail why.
    """
    current = _locked(membership)
    _require_another_admin(current)
    departures.announce(current, actor)
    invitations.withdraw_all_of(organization=current.organization, sender=current.user, actor=actor)
    _record(current, actor, action, role=current.role)
    current.delete()
    if not (current.user.is_staff or Membership.objects.filter(user=current.user).exists()):
        sessions.end_all(current.user)


@transaction.atomic
def sign_out_everywhere(*, membership: Membership, actor: User) -> None:
    """End all sessions of a member, also those that began in another organization: an account is signed in once."""
    sessions.end_all(membership.user)
    _record(membership, actor, "member.signed_out")
    if membership.user_id != actor.pk:
        account_notices.tell(membership.user, account_notices.Kind.SIGNED_OUT, membership.pk)


@transaction.atomic
def sign_account_out_everywhere(*, user: User, actor: User) -> int:
    """End all sessions of an account, for whoever runs the server. Returns how many.

    Each organization of the account has it in its trail.
    """
    ended = sessions.end_all(user)
    if ended:
        record_account(user, "member.signed_out", actor=actor)
        if user.pk != actor.pk:
            account_notices.tell(user, account_notices.Kind.SIGNED_OUT)
    return ended


@transaction.atomic
def end_own_session(*, membership: Membership, pk: int) -> None:
    """End one of a member's own sessions; nothing where it is over already."""
    if sessions.end(membership.user, pk):
        _record(membership, membership.user, "member.sessions_ended", count=1)


@transaction.atomic
def end_own_other_sessions(*, membership: Membership, request: HttpRequest) -> int:
    """End all of a member's own sessions but the one of the request. Returns how many."""
    ended = sessions.end_others(membership.user, request)
    if ended:
        _record(membership, membership.user, "member.sessions_ended", count=ended)
    return ended


@transaction.atomic
def save_hours(
    *,
    membership: Membership,
    work_from: time,
    work_until: time,
    work_days: Sequence[str],
    holidays_of: str,
    actor: User,
) -> None:
    """Save a member's working hours, which are in the member's own time zone, and whose public holidays they have."""
    membership.work_from, membership.work_until = work_from, work_until
    membership.work_days = "".join(sorted(work_days))
    membership.holidays_of = holidays_of
    membership.save(update_fields=["work_from", "work_until", "work_days", "holidays_of"])
    _record(membership, actor, "member.hours_changed")


@transaction.atomic
def save_profile(
    *,
    membership: Membership,
    user: User,
    named: Sequence[str],
    time_zone: str,
    hours: Mapping[str, Any] | None,
) -> None:
    """Save a person's own profile, which forms have validated: name, language and video room of `user`,
    of which `named` changed, the time zone, and the working hours in this organization, None where they stay.
    """
    if named:
        save_name(user=user, changed=named)
    save_time_zone(user=user, time_zone=time_zone)
    if hours is not None:
        save_hours(membership=membership, actor=user, **hours)


@transaction.atomic
def save_name(*, user: User, changed: Sequence[str]) -> None:
    """Save a person's own name, language and video room, which a form has validated; `changed` names changed fields.

    The trail shows everything they did under their name. The language concerns nobody else.
    """
    user.save(update_fields=["name", "language", "video_room"])
    told = {"name": "member.renamed", "video_room": "member.video_room_changed"}
    actions = [action for field, action in told.items() if field in changed]
    for membership in Membership.objects.filter(user=user).select_related("organization") if actions else ():
        for action in actions:
            _record(membership, user, action)


@transaction.atomic
def save_time_zone(*, user: User, time_zone: str) -> None:
    """Save a person's own time zone. Each of their organizations plans with it, so each has it in its trail."""
    if not User.objects.filter(pk=user.pk).exclude(time_zone=time_zone).update(time_zone=time_zone):
        return
    user.time_zone = time_zone
    for membership in Membership.objects.filter(user=user).select_related("organization"):
        _record(membership, user, "member.time_zone_changed", zone=time_zone)


@transaction.atomic
def add_days_off(*, membership: Membership, first_day: date, last_day: date, note: str, actor: User) -> int:
    """Add days off, both ends included; existing ones keep their notes. Returns the number of new ones."""
    wanted = {first_day + timedelta(days=number) for number in range((last_day - first_day).days + 1)}
    there = DayOff.objects.filter(membership=membership, day__in=wanted).values_list("day", flat=True)
    new = sorted(wanted - set(there))
    DayOff.objects.bulk_create(
        [DayOff(membership=membership, day=day, note=note) for day in new], ignore_conflicts=True
    )
    if new:
        span = {"first": first_day.isoformat(), "last": last_day.isoformat()}
        _record(membership, actor, "member.days_off_added", **span)
    return len(new)


@transaction.atomic
def remove_days_off(*, membership: Membership, first_day: date, last_day: date, actor: User) -> None:
    """Remove all days off between two days, both included."""
    removed, _rows = DayOff.objects.filter(membership=membership, day__range=(first_day, last_day)).delete()
    if removed:
        span = {"first": first_day.isoformat(), "last": last_day.isoformat()}
        _record(membership, actor, "member.days_off_removed", **span)


def days_off(membership: Membership) -> list[dict[str, object]]:
    """Days off from today on; consecutive days with the same note are one {"first", "last", "note"}."""
    spans: list[dict[str, object]] = []
    last: DayOff | None = None
    for row in DayOff.objects.filter(membership=membership, day__gte=timezone.localdate()).order_by("day"):
        if last is not None and row.day == last.day + timedelta(days=1) and row.note == last.note:
            spans[-1]["last"] = row.day
        else:
            spans.append({"first": row.day, "last": row.day, "note": row.note})
        last = row
    return spans


def _record(membership: Membership, actor: User | None, action: str, **detail: str | int) -> None:
    record(
        organization=membership.organization,
        actor=actor,
        action=action if actor is not None else BY_DIRECTORY[action],
        subject=membership,
        person=Person("user", membership.user_id),
        detail=detail,
    )


def _locked(membership: Membership) -> Membership:
    """The current membership, with its organization locked: two admins who demote each other take turns."""
    Organization.objects.select_for_update().get(pk=membership.organization_id)
    return Membership.objects.select_related("user", "organization").get(pk=membership.pk)


def _require_another_admin(membership: Membership) -> None:
    others = Membership.objects.filter(organization=membership.organization, role=Role.ADMIN, user__is_active=True)
    if membership.organization.is_closed:
        return
    if membership.is_admin and not others.exclude(pk=membership.pk).exists():
        raise LastAdmin
