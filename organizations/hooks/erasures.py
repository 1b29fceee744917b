"""Erasures: how each app ends and deletes its part of an organization or an account, and tells what it holds.

An app adds one `Source` in the `ready` of its AppConfig. Higher apps come first: their rows point at lower ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from organizations.models import Organization, User


def _nothing(*_arguments: object) -> int:
    return 0


def _no_lines(_organization: Organization) -> list[str]:
    return []


def _no_interviews(_user: User) -> dict[int, int]:
    return {}


def _holds_nothing(_user: User, _organization: Organization) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One app's part. What an app leaves out does nothing."""

    #: What would go with the organization, a line each, such as "12 candidates": shown before somebody confirms.
    summary: Callable[[Organization], list[str]] = _no_lines
    #: Cancel some of what is to come, in short transactions; True: with messages to its people. Returns how much is
    #: left, messages that still have to go out included. Called again and again, by any worker, until that is 0.
    cancel: Callable[[Organization, bool], int] = _nothing
    #: Have what the organization has at vendors removed there, by the rows' own life. Waits for no vendor, and is
    #: called outside of a transaction. Returns how much no vendor has confirmed yet. Called as `cancel` is.
    end_at_vendors: Callable[[Organization], int] = _nothing
    #: What would stay at vendors now, a line each with number and tool, such as "2 links in Acme Code". No addresses.
    left_at_vendors: Callable[[Organization], list[str]] = _no_lines
    #: Models with a foreign key `organization`, in the order in which their rows can be deleted. What hangs at a row
    #: without a key of its own goes with it.
    tables: Sequence[type[models.Model]] = ()
    #: What is held on a person in an organization, also after they left: plain JSON for people to read, no secrets.
    held: Callable[[User, Organization], dict[str, Any]] = _holds_nothing
    #: Interviews to come that lose a person who leaves, counted by the id of their organization.
    interviews: Callable[[User], dict[int, int]] = _no_interviews
    #: Delete or empty what names a person in an organization, None: in all, in the caller's transaction. Returns how
    #: much has to leave first, such as a message to them that is queued: it is called again until that is 0, or with
    #: True, when nothing is waited for any more.
    forget: Callable[[User, Organization | None, bool], int] = _nothing


SOURCES: list[Source] = []


def sources() -> list[Source]:
    """Return all parts, the highest app's first."""
    return SOURCES[::-1]


def summary(organization: Organization) -> list[str]:
    """Name all that would go with the organization, a line each."""
    return [line for source in sources() for line in source.summary(organization)]


def cancel(organization: Organization, *, tell: bool) -> int:
    """Cancel some of what is to come. Returns how much is left."""
    return sum(source.cancel(organization, tell) for source in sources())


def end_at_vendors(organization: Organization) -> int:
    """Have what is at vendors removed. Returns how much is not confirmed yet."""
    return sum(source.end_at_vendors(organization) for source in sources())


def left_at_vendors(organization: Organization) -> list[str]:
    """Name all that would stay at vendors now, a line each."""
    return [line for source in sources() for line in source.left_at_vendors(organization)]


def tables() -> list[type[models.Model]]:
    """Every model with rows of an organization, in the order in which they can be deleted."""
    return [table for source in sources() for table in source.tables]


def held(user: User, organization: Organization) -> dict[str, Any]:
    """Everything that is held on a person in an organization."""
    return {key: value for source in sources() for key, value in source.held(user, organization).items()}


def forget(user: User, organization: Organization | None, *, at_last: bool = False) -> int:
    """Delete what names a person in an organization, or in all. Returns how much has to leave first."""
    return sum(source.forget(user, organization, at_last) for source in sources())


def interviews(user: User) -> dict[int, int]:
    """Count interviews to come that lose a person, by the id of their organization."""
    total: Counter[int] = Counter()
    for source in sources():
        total.update(source.interviews(user))
    return dict(total)
