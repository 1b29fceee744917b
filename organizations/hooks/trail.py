"""The audit trail: the sentence of each action, and the names behind the ids in a row.

A row holds an action's code, ids and plain values. Its sentence is made when it is read, so that a person who was
erased is nowhere in it. Each app adds its own in the `ready` of its AppConfig, from its `trail_actions.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django_stubs_ext import StrOrPromise

    from organizations.models import Organization


class Group(StrEnum):
    """Subjects that the "Audit log" page can be narrowed to."""

    ACCESS = "access"
    PEOPLE = "people"
    INTEGRATIONS = "integrations"
    JOBS = "jobs"
    TEXTS = "texts"
    CANDIDATES = "candidates"
    SCHEDULES = "schedules"
    ADMIN = "admin"


GROUPS: dict[Group, StrOrPromise] = {
    Group.ACCESS: _("Sign-ins and passwords"),
    Group.PEOPLE: _("Members and organization"),
    Group.INTEGRATIONS: _("Integrations and keys"),
    Group.JOBS: _("Jobs and interview plans"),
    Group.TEXTS: _("Templates and reasons"),
    Group.CANDIDATES: _("Candidates"),
    Group.SCHEDULES: _("Schedules and messages"),
    Group.ADMIN: _("Django admin"),
}


class Act(StrEnum):
    """Kinds of actions, whatever their subject."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    DISCLOSED = "disclosed"
    SENT = "sent"
    SIGNED_IN = "signed_in"
    FAILED = "failed"


ACTS: dict[Act, StrOrPromise] = {
    Act.ADDED: _("Added"),
    Act.CHANGED: _("Changed"),
    Act.REMOVED: _("Removed or cancelled"),
    Act.DISCLOSED: _("Shown or exported"),
    Act.SENT: _("Sent"),
    Act.SIGNED_IN: _("Signed in or out"),
    Act.FAILED: _("Failed"),
}


@dataclass(frozen=True, slots=True)
class Action:
    """An action: its `sentence` has a named parameter for each value of a row that it names."""

    sentence: StrOrPromise
    icon: str
    group: Group
    act: Act = Act.CHANGED
    #: Kept however short an organization keeps its trail: the program looks for the row.
    is_permanent: bool = False
    #: Stands for the actor where a row has none and it was not Panelist.
    unknown_actor: StrOrPromise = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """Things that rows name by their id, under this kind as key, such as `"user": 5`.

    `names` maps those ids that still exist to names; `gone` stands for the others. `found` finds the ids of an
    organization's things whose names contain all of the search words. Without `names`, the name itself is kept among
    the row's `texts` until it is erased.
    """

    gone: StrOrPromise
    names: Callable[[Collection[int]], Mapping[int, str]] | None = None
    found: Callable[[Organization, str], QuerySet[Any, int]] | None = None


#: By the code that rows keep, `<subject>.<past participle>`. A code that is gone would leave its rows without words.
ACTIONS: dict[str, Action] = {}
#: By the key under which rows keep the ids.
KINDS: dict[str, Kind] = {}
#: Readable forms of plain values, such as a role's label, by the key under which rows keep them.
LABELS: dict[str, Callable[[Any], str]] = {}
