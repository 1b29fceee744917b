"""Everything that the database holds, as one text to look for somebody in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from django.apps import apps

from organizations.models import User


def rows() -> Iterator[str]:
    """Each row of each table, after the table's name. JSON as it is read, not as it is escaped."""
    for model in apps.get_models(include_auto_created=True):
        for row in model._base_manager.values():
            yield f"{model._meta.label}: {json.dumps(row, default=str, ensure_ascii=False)}"


def naming(*words: str) -> list[str]:
    """The rows that hold one of the words, in whatever letters."""
    wanted = [word.lower() for word in words]
    return [row for row in rows() if any(word in row.lower() for word in wanted)]


def names_of(user: User) -> Iterable[str]:
    """The name and the address by which somebody would be found."""
    return (user.name, user.email)
