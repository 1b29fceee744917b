"""Write organizations and members. Each function is atomic and writes its audit row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time, timedelta

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organizations import sessions
from organizations.audit import record
from organizations.bidi import isolated
from organizations.hooks import departures
from organizations.models import DayOff, Membership, Organization, User
from organizations.zones import city

Role = Membership.Role


class LastAdmin(Exception):
    """The change would leave the organization without an admin."""


@transaction.atomic
def save_organization(*, organization: Organization, changed: Sequence[str], actor: User) -> None:
    """Save an organization that a form has validated; `changed` names the changed fields."""
    organization.save()
    if changed:
        record(
            organization=organization,
            actor=actor,
            action="organization.changed",
            subject=organization,
            summary=_("Changed the organization's settings"),
            detail={"fields": list(changed)},
        )


@transaction.atomic
def change_role(*, membership: Membership, role: str, actor: User) -> None:
    """Change a member's role. Raises LastAdmin."""
    current = _locked(membership)
    if current.role == role:
        return
    _require_another_admin(current)
    before, current.role = current.get_role_display(), role
    current.save(update_fields=["role"])
    record(
        organization=current.organization,
        actor=actor,
        action="member.role_changed",
        subject=current,
        summary=_("Changed the role of %(name)s from %(before)s to %(role)s")
        % {"name": isolated(current.user), "role": current.get_role_display(), "before": before},
    )


@transaction.atomic
def remove_member(*, membership: Membership, actor: User) -> None:
    """Remove a member from the organization and its interviews; the account stays. Raises LastAdmin."""
    current = _locked(membership)
    _require_another_admin(current)
    departures.announce(current, actor)
    record(
        organization=current.organization,
        actor=actor,
        action="member.removed",
        subject=current,
        summary=_("Removed %(name)s") % {"name": isolated(current.user)},
        detail={"role": current.role},
    )
    current.delete()
    if not (current.user.is_staff or Membership.objects.filter(user=current.user).exists()):
        sessions.end_all(current.user)


@transaction.atomic
def sign_out_everywhere(*, membership: Membership, actor: User) -> None:
    """End all sessions of a member, also those that began in another organization: an account is signed in once."""
    sessions.end_all(membership.user)
    record(
        organization=membership.organization,
        actor=actor,
        action="member.signed_out",
        subject=membership,
        summary=_("Signed %(name)s out everywhere") % {"name": isolated(membership.user)},
    )


@transaction.atomic
def end_own_session(*, membership: Membership, pk: int) -> None:
    """End one of a member's own sessions; nothing where it is over already."""
    if sessions.end(membership.user, pk):
        _record_own_sessions(membership, 1)


@transaction.atomic
def end_own_other_sessions(*, membership: Membership, request: HttpRequest) -> int:
    """End all of a member's own sessions but the one of the request. Returns how many."""
    ended = sessions.end_others(membership.user, request)
    if ended:
        _record_own_sessions(membership, ended)
    return ended


def _record_own_sessions(membership: Membership, ended: int) -> None:
    record(
        organization=membership.organization,
        actor=membership.user,
        action="member.sessions_ended",
        subject=membership,
        summary=ngettext(
            "%(name)s signed out on another device", "%(name)s signed out on %(count)d other devices", ended
        )
        % {"name": isolated(membership.user), "count": ended},
    )


@transaction.atomic
def save_hours(
    *,
    membership: Membership,
    work_from: time,
    work_until: time,
    work_days: Sequence[str],
    actor: User,
) -> None:
    """Save a member's working hours, which are in the member's own time zone."""
    membership.work_from, membership.work_until = work_from, work_until
    membership.work_days = "".join(sorted(work_days))
    membership.save(update_fields=["work_from", "work_until", "work_days"])
    record(
        organization=membership.organization,
        actor=actor,
        action="member.hours_changed",
        subject=membership,
        summary=_("Changed the working hours of %(name)s") % {"name": isolated(membership.user)},
    )


@transaction.atomic
def save_time_zone(*, user: User, time_zone: str) -> None:
    """Save a person's own time zone. Each of their organizations plans with it, so each has it in its trail."""
    if not User.objects.filter(pk=user.pk).exclude(time_zone=time_zone).update(time_zone=time_zone):
        return
    user.time_zone = time_zone
    for membership in Membership.objects.filter(user=user).select_related("organization"):
        record(
            organization=membership.organization,
            actor=user,
            action="member.time_zone_changed",
            subject=membership,
            summary=_("%(name)s changed their time zone to %(city)s")
            % {"name": isolated(user), "city": city(time_zone)},
        )


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
        _record_days_off(membership, actor, _("Added days off for %(name)s"), first_day, last_day)
    return len(new)


@transaction.atomic
def remove_days_off(*, membership: Membership, first_day: date, last_day: date, actor: User) -> None:
    """Remove all days off between two days, both included."""
    removed, _rows = DayOff.objects.filter(membership=membership, day__range=(first_day, last_day)).delete()
    if removed:
        _record_days_off(membership, actor, _("Removed days off for %(name)s"), first_day, last_day)


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


def _record_days_off(membership: Membership, actor: User, summary: str, first: date, last: date) -> None:
    record(
        organization=membership.organization,
        actor=actor,
        action="member.days_off_changed",
        subject=membership,
        summary=summary % {"name": isolated(membership.user)},
        detail={"first": first.isoformat(), "last": last.isoformat()},
    )


def _locked(membership: Membership) -> Membership:
    """The current membership, with its organization locked: two admins who demote each other take turns."""
    Organization.objects.select_for_update().get(pk=membership.organization_id)
    return Membership.objects.select_related("user", "organization").get(pk=membership.pk)


def _require_another_admin(membership: Membership) -> None:
    others = Membership.objects.filter(organization=membership.organization, role=Role.ADMIN, user__is_active=True)
    if membership.is_admin and not others.exclude(pk=membership.pk).exists():
        raise LastAdmin
