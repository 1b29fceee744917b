"""Navigation: the entries of the main menu and of the settings menu, and what can be begun from every page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from django_stubs_ext import StrOrPromise

from organizations.access import Access
from organizations.permissions import Permission


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A page of a menu, for those with the permission `needed`. Lower `position`s stand first.

    `whole` entries are active at their own address only. `shown` is False while the page does not exist for anybody.
    `is_main`: the one action with a button of its own. `is_dialog`: the page is a dialog above another one. `keys`: the
    letters that lead to it, pressed one after the other.
    """

    position: int
    title: StrOrPromise
    icon: str
    url_name: str
    needed: Permission
    whole: bool = False
    shown: Callable[[], bool] = lambda: True
    is_main: bool = False
    is_dialog: bool = False
    keys: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """An entry as one reader sees it; `active` on its own page and those below it. The same one for the same reader."""

    title: StrOrPromise
    icon: str
    address: str
    active: bool
    is_main: bool
    is_dialog: bool
    keys: str


MENU: list[Entry] = []
SETTINGS_MENU: list[Entry] = []
ACTIONS: list[Entry] = []


def items(menu: list[Entry], access: Access, path: str) -> tuple[Item, ...]:
    """The entries of the menu that this reader sees. `path` is the open page's; it marks the active entry."""
    found = []
    for entry in sorted(menu, key=lambda entry: entry.position):
        if entry.needed in access.may and entry.shown():
            address = access.url(entry.url_name)
            found.append(_item(entry, address, path == address if entry.whole else path.startswith(address)))
    return tuple(found)


# Kept, so that the parts of pages that are made of items can be kept, too.
@lru_cache(maxsize=5000)
def _item(entry: Entry, address: str, active: bool) -> Item:
    return Item(entry.title, entry.icon, address, active, entry.is_main, entry.is_dialog, entry.keys)
