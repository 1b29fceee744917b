"""Coordinated jobs: the jobs that coordinators are assigned to, which the app with the jobs keeps.

An invited coordinator has theirs with the invitation; they become the member's when it is accepted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from organizations.models import Invitation, Membership, Organization


class CoordinatedJob(NamedTuple):
    """A job, by its id and title."""

    pk: int
    title: str


@dataclass(frozen=True, slots=True)
class Source:
    """The functions of the app with the jobs. Those that write run in the caller's transaction.

    `choices`: all jobs of an organization, by title. `of`: those of memberships or invitations, by their ids, in one
    query; all are of the same model. `assign`: make these the jobs, and no others; ids of other organizations are
    ignored. `hand_over`: what an invitation promised becomes the member's.
    """

    choices: Callable[[Organization], list[CoordinatedJob]]
    of: Callable[[Sequence[Membership] | Sequence[Invitation]], dict[int, list[CoordinatedJob]]]
    assign: Callable[[Membership | Invitation, Collection[int]], None]
    hand_over: Callable[[Invitation, Membership], None]


SOURCES: list[Source] = []


def choices(organization: Organization) -> list[CoordinatedJob]:
    """The jobs that a coordinator can be assigned to."""
    return [job for source in SOURCES for job in source.choices(organization)]


def of(people: Sequence[Membership] | Sequence[Invitation]) -> dict[int, list[CoordinatedJob]]:
    """The jobs of memberships or of invitations by their ids, each by title. Without an entry: none."""
    found: dict[int, list[CoordinatedJob]] = {}
    for source in SOURCES:
        for pk, jobs in source.of(people).items():
            found.setdefault(pk, []).extend(jobs)
    return found


def assign(person: Membership | Invitation, jobs: Collection[int]) -> None:
    """Make these the person's jobs."""
    for source in SOURCES:
        source.assign(person, jobs)


def hand_over(invitation: Invitation, membership: Membership) -> None:
    """Give a new member the jobs of their invitation."""
    for source in SOURCES:
        source.hand_over(invitation, membership)
