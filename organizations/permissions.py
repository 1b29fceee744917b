"""The permissions of each role: the one table that views, templates and the page "Roles" read.

| role | in short |
| --- | --- |
| Admin | everything in the organization |
| Recruiter | schedules, candidates, jobs and plans; reads the settings, and changes none |
| Interviewer | their own interviews |

A view names the permission that it needs: `@allowed(Permission.SEE_SCHEDULES)`. Everything else asks `access.may`:
`access.may.change_schedules`, in Python and in templates alike. Nothing compares roles.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from organizations.models import Membership

Role = Membership.Role


class Permission(StrEnum):
    """One thing that a role may or may not do. Change permissions include nothing: who changes also has to see."""

    OWN_INTERVIEWS = "own_interviews"
    OWN_PROFILE = "own_profile"
    SEE_SCHEDULES = "see_schedules"
    CHANGE_SCHEDULES = "change_schedules"
    OPEN_LINKS = "open_links"
    SEE_CANDIDATES = "see_candidates"
    CHANGE_CANDIDATES = "change_candidates"
    MANAGE_CANDIDATES = "manage_candidates"
    EXPORT_CANDIDATES = "export_candidates"
    SEE_JOBS = "see_jobs"
    CHANGE_PLANS = "change_plans"
    MANAGE_JOBS = "manage_jobs"
    SEE_SETTINGS = "see_settings"
    SEE_TRAIL = "see_trail"
    SEE_OUTBOX = "see_outbox"
    CHANGE_SETTINGS = "change_settings"
    MANAGE_MEMBERS = "manage_members"
    MANAGE_INTEGRATIONS = "manage_integrations"


EVERYONE = frozenset(Role)
RECRUITERS = frozenset({Role.ADMIN, Role.RECRUITER})
ADMINS = frozenset({Role.ADMIN})

TABLE: Mapping[Permission, frozenset[Role]] = {
    Permission.OWN_INTERVIEWS: EVERYONE,
    Permission.OWN_PROFILE: EVERYONE,
    Permission.SEE_SCHEDULES: RECRUITERS,
    Permission.CHANGE_SCHEDULES: RECRUITERS,
    # Coding links, join links, and the texts of messages, which contain them.
    Permission.OPEN_LINKS: RECRUITERS,
    Permission.SEE_CANDIDATES: RECRUITERS,
    Permission.CHANGE_CANDIDATES: RECRUITERS,
    # Import and delete.
    Permission.MANAGE_CANDIDATES: RECRUITERS,
    Permission.EXPORT_CANDIDATES: RECRUITERS,
    Permission.SEE_JOBS: RECRUITERS,
    Permission.CHANGE_PLANS: RECRUITERS,
    # Create, close and delete.
    Permission.MANAGE_JOBS: RECRUITERS,
    Permission.SEE_SETTINGS: RECRUITERS,
    Permission.SEE_TRAIL: RECRUITERS,
    Permission.SEE_OUTBOX: RECRUITERS,
    Permission.CHANGE_SETTINGS: ADMINS,
    Permission.MANAGE_MEMBERS: ADMINS,
    Permission.MANAGE_INTEGRATIONS: ADMINS,
}


class Rights(frozenset[Permission]):
    """The permissions of one role. Each is an attribute, too: `rights.see_jobs`. A name that does not exist raises."""

    def __getattr__(self, name: str) -> bool:
        try:
            return Permission(name) in self
        except ValueError:
            raise AttributeError(name) from None


RIGHTS: Mapping[str, Rights] = {
    role.value: Rights(permission for permission, roles in TABLE.items() if role in roles) for role in Role
}


def rights_of(role: str) -> Rights:
    """The permissions of a role, by its value; none for a role that does not exist."""
    return RIGHTS.get(role, Rights())
