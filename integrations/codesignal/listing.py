"""Interviews gathered page by page from a listing that may move while it is read."""

from __future__ import annotations

from collections.abc import Callable

from integrations.base import Found, VendorLink, VendorStatus
from integrations.codesignal import errors, shapes


class Listing:
    """Interviews gathered from pages of a listing that may move while it is read, in no documented order.

    Each page begins with the last interview of the one before. When that place now holds one not seen yet, something
    before it was deleted since then and one may have slipped through: the result is then not complete. Nor is it when
    the bound `most` is met, or when an entry can't be read.
    """

    def __init__(self, *, page_size: int, most: int) -> None:
        self._page_size = page_size
        self._most = most
        self._links: dict[str, VendorLink] = {}
        self._reached = 0
        self._ended = False
        self._complete = True

    def add(self, page: object, *, asked: int | None = None) -> None:
        """Add the page that begins where the last one ended. Raises `Retryable` when it is no list."""
        if not isinstance(page, list):
            raise errors.retryable("unreadable")
        links = [shapes.link(item) for item in page]
        overlap = 1 if self._reached else 0
        if overlap and (not links or links[0] is None or links[0].external_id not in self._links):
            self._complete = False
        for link in links:
            if link is None:
                self._complete = False
            else:
                self._links.setdefault(link.external_id, link)
        self._reached += max(len(page) - overlap, 0)
        self._ended = len(page) < (asked or self._page_size)

    def fill(self, fetch: Callable[[int, int], object]) -> None:
        """Ask `fetch(first, offset)` for pages until the end or the bound."""
        while not self._ended and self._reached < self._most:
            overlap = 1 if self._reached else 0
            first = min(self._page_size, self._most - self._reached) + overlap
            before = self._reached
            self.add(fetch(first, before - overlap), asked=first)
            if self._reached == before:
                break
        self._complete = self._complete and self._ended

    def found(self, email: str = "") -> Found:
        """The interviews gathered, without deleted ones; with `email`, only those of that address."""
        wanted = email.strip().casefold()
        links = tuple(
            link
            for link in self._links.values()
            if link.status is not VendorStatus.DELETED
            and (not wanted or link.candidate_email.strip().casefold() == wanted)
        )
        return Found(links[: self._most], complete=self._complete)
