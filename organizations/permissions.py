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
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from organizations.models import Membership

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Role = Membership.Role


class Permission(StrEnum):
    """One thing that a role may or may not do. A permission to change does not include the one to see."""

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


#: Each role in one sentence, for whoever chooses one.
IN_SHORT: Mapping[Role, StrOrPromise] = {
    Role.ADMIN: _("Everything, including members, integrations and settings."),
    Role.RECRUITER: _("Schedules, candidates and jobs of the whole organization."),
    Role.COORDINATOR: _("Schedules, candidates and interview plans, for certain jobs only."),
    Role.INTERVIEWER: _("Only their own interviews."),
    Role.READ_ONLY: _("Sees what recruiters see. Changes nothing, and gets no links to interviews."),
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


#: Permissions over rows that belong to jobs.
OF_JOBS = frozenset(
    {
        Permission.SEE_SCHEDULES,
        Permission.CHANGE_SCHEDULES,
        Permission.OPEN_LINKS,
        Permission.SEE_CANDIDATES,
        Permission.CHANGE_CANDIDATES,
        Permission.SEE_JOBS,
        Permission.CHANGE_PLANS,
    }
)

#: The sections of the page "Roles", in plain words. The outbox is left out: only the demo has one.
SECTIONS: tuple[tuple[StrOrPromise, tuple[tuple[Permission, StrOrPromise], ...]], ...] = (
    (
        _("For themselves"),
        (
            (Permission.OWN_INTERVIEWS, _("See their own interviews and join them")),
            (Permission.OWN_PROFILE, _("Change their profile, working hours and days off")),
        ),
    ),
    (
        _("Schedules"),
        (
            (Permission.SEE_SCHEDULES, _("See schedules, with the state of links and messages")),
            (Permission.CHANGE_SCHEDULES, _("Schedule, move and cancel interviews, add links, send messages")),
            (Permission.OPEN_LINKS, _("Open coding links, join links and messages")),
        ),
    ),
    (
        _("Candidates"),
        (
            (Permission.SEE_CANDIDATES, _("See candidates")),
            (Permission.CHANGE_CANDIDATES, _("Add and edit candidates")),
            (Permission.MANAGE_CANDIDATES, _("Import and delete candidates")),
            (Permission.EXPORT_CANDIDATES, _("Export candidates")),
        ),
    ),
    (
        _("Jobs"),
        (
            (Permission.SEE_JOBS, _("See jobs and interview plans")),
            (Permission.CHANGE_PLANS, _("Edit jobs, stages and interview plans")),
            (Permission.MANAGE_JOBS, _("Create, close and delete jobs")),
        ),
    ),
    (
        _("Organization"),
        (
            (Permission.SEE_SETTINGS, _("See members, integrations and settings")),
            (Permission.SEE_TRAIL, _("See the activity of the whole organization")),
            (Permission.SEE_SIGN_INS, _("See sign-ins in the activity")),
            (Permission.EXPORT_TRAIL, _("Export the activity")),
            (Permission.CHANGE_SETTINGS, _("Change settings and templates")),
            (Permission.MANAGE_MEMBERS, _("Invite, change and remove members")),
            (Permission.MANAGE_INTEGRATIONS, _("Connect and manage integrations")),
        ),
    ),
)


class Answer(StrEnum):
    """An answer of the page "Roles": whether one role has one permission."""

    YES = "yes"
    OF_THEIR_JOBS = "jobs"
    NO = "no"


def answer(permission: Permission, role: Role) -> Answer:
    """Whether a role has a permission, and whether only for some jobs."""
    if role not in TABLE[permission]:
        return Answer.NO
    return Answer.OF_THEIR_JOBS if role in LIMITED_TO_JOBS and permission in OF_JOBS else Answer.YES
