"""Rows that the command palette finds: those of each app, by a typed list that its AppConfig fills."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django_stubs_ext import StrOrPromise

from organizations.access import Access
from organizations.permissions import Permission

#: Of each source: more words narrow it.
MOST = 5


@dataclass(frozen=True, slots=True)
class Hit:
    """A row that was found: its name, the address of its page, and what tells it from others of that name."""

    title: str
    address: str
    details: Sequence[StrOrPromise] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Rows of one kind, for those with the permission `needed`. Lower `position`s stand first.

    `find` gets the search words, which are never empty, and returns at most `MOST` hits of the reader's, in at most
    three queries.
    """

    position: int
    title: StrOrPromise
    icon: str
    needed: Permission
    find: Callable[[Access, str], Sequence[Hit]]


SOURCES: list[Source] = []
