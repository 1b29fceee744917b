"""The forms of a person's profile and of a member, filled in as they are, for tests that change something."""

from __future__ import annotations

from organizations.models import Membership

Fields = dict[str, str | list[str]]


def hours_of(member: Membership) -> Fields:
    return {
        "work_from": f"{member.work_from:%H:%M}",
        "work_until": f"{member.work_until:%H:%M}",
        "work_days": list(member.work_days),
    }


def profile_of(member: Membership, **changes: str | list[str]) -> Fields:
    """The fields of "Your profile"."""
    own: Fields = {"name": member.user.name, "language": member.user.language, "time_zone": member.user.time_zone}
    return own | hours_of(member) | changes


def member_of(member: Membership, **changes: str | list[str]) -> Fields:
    """The fields of an admin's page of a member."""
    return {"role": member.role} | hours_of(member) | changes
