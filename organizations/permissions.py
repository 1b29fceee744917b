"""The permissions of each role: the one table that views, templates and the page "Roles" read.

| role | in short |
| --- | --- |
| Admin | everything in the organization |
| Recruiter | schedules, candidates, jobs and plans of all jobs; reads the settings, and changes none |
| Coordinator | the same for the jobs they are assigned to, and their candidates; what is of other jobs does not exist |
| Interviewer | their own interviews |
| Read only | reads what recruiters read, and changes nothing |

Decided, because each could be otherwise:

- A coordinator adds candidates to their own jobs only, so that a candidate whom they added stays visible to them. They
  edit the plans of their jobs. Creating, closing and deleting jobs, importing, exporting and deleting candidates stay
  with recruiters: these reach beyond one job, or take people's data out.
- In an interview of another job a coordinator is an interviewer like any other.
- A person's busy times count wherever they come from. A coordinator reads those of other jobs as "busy".
- Read only gets no way into an interview: states, but no coding links, join links, meeting addresses or texts of
  messages. No files either: what somebody may only look at does not leave in bulk.
- Everybody changes their own profile, and enters the interviews they are assigned to.

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
    SEE_SIGN_INS = "see_sign_ins"
    EXPORT_TRAIL = "export_trail"
    SEE_OUTBOX = "see_outbox"
    CHANGE_SETTINGS = "change_settings"
    MANAGE_MEMBERS = "manage_members"
    MANAGE_INTEGRATIONS = "manage_integrations"


_EVERYONE = frozenset(Role)
_ADMINS = frozenset({Role.ADMIN})
_RECRUITERS = _ADMINS | {Role.RECRUITER}
_COORDINATORS = _RECRUITERS | {Role.COORDINATOR}
_READERS = _COORDINATORS | {Role.READ_ONLY}

TABLE: Mapping[Permission, frozenset[Role]] = {
    Permission.OWN_INTERVIEWS: _EVERYONE,
    Permission.OWN_PROFILE: _EVERYONE,
    Permission.SEE_SCHEDULES: _READERS,
    Permission.CHANGE_SCHEDULES: _COORDINATORS,
    # Coding links, join links, and the texts of messages, which contain them.
    Permission.OPEN_LINKS: _COORDINATORS,
    Permission.SEE_CANDIDATES: _READERS,
    Permission.CHANGE_CANDIDATES: _COORDINATORS,
    # Import and delete.
    Permission.MANAGE_CANDIDATES: _RECRUITERS,
    Permission.EXPORT_CANDIDATES: _RECRUITERS,
    Permission.SEE_JOBS: _READERS,
    Permission.CHANGE_PLANS: _COORDINATORS,
    # Create, close and delete.
    Permission.MANAGE_JOBS: _RECRUITERS,
    Permission.SEE_SETTINGS: _READERS,
    Permission.SEE_TRAIL: _RECRUITERS | {Role.READ_ONLY},
    # In the trail: when and from where people signed in, with which factors.
    Permission.SEE_SIGN_INS: _ADMINS,
    Permission.EXPORT_TRAIL: _ADMINS,
    Permission.SEE_OUTBOX: _RECRUITERS,
    Permission.CHANGE_SETTINGS: _ADMINS,
    Permission.MANAGE_MEMBERS: _ADMINS,
    Permission.MANAGE_INTEGRATIONS: _ADMINS,
}

#: Roles that have rows of the jobs they are assigned to, and no others: see `hooks.job_limits`.
LIMITED_TO_JOBS = frozenset({Role.COORDINATOR})


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
