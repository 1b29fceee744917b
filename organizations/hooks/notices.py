"""Notices: trouble that concerns the whole organization, shown above every member page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from organizations.access import Access


@dataclass(frozen=True, slots=True)
class Notice:
    """A message. Readers who can solve the problem also get a link: its `address` and its label, `action`."""

    text: str
    address: str = ""
    action: str = ""


SOURCES: list[Callable[[Access], list[Notice]]] = []


def notices(access: Access) -> list[Notice]:
    """All notices for the reader, in the order of the apps."""
    return [notice for source in SOURCES for notice in source(access)]
