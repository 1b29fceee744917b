"""Stored secrets that none of FERNET_KEYS can read: counted, re-encrypted, forgotten; their integrations pause.

A key may be missing, mistyped, or left out too early while keys are changed. Nothing is lost as long as the stored
values stay: with the old key behind the new one, everything is read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import models, transaction

from integrations.error_texts import KEY_UNREADABLE
from integrations.models import Integration
from integrations.pauses import pause, resume
from organizations import two_factors
from organizations.hooks.diagnosis import Fault
from organizations.secret_fields import SecretTextField, Unreadable

#: The start looks at so many of the oldest and of the newest rows of a table. It counts all where one is unreadable.
SAMPLE = 500
BATCH = 500


@dataclass(frozen=True, slots=True)
class Unread:
    """The rows of one model of which at least one secret can't be read."""

    model: type[models.Model]
    count: int
    total: int
    what: str = ""

    def __str__(self) -> str:
        return f"{self.count} of {self.total} {self.what or self.model._meta.verbose_name_plural}"


def secret_columns() -> list[tuple[type[models.Model], list[str]]]:
    """Each model that holds secrets, with the names of those columns."""
    found = [
        (model, [field.name for field in model._meta.concrete_fields if isinstance(field, SecretTextField)])
        for model in apps.get_models()
    ]
    return [(model, names) for model, names in found if names]


def unread() -> list[Unread]:
    """Count the rows that can't be read, by model; empty where all can."""
    found = []
    for model, names in secret_columns():
        rows = model._base_manager.order_by("pk").values_list("pk", *names)
        if _unreadable(chain(rows[:SAMPLE], rows.reverse()[:SAMPLE])):
            count = sum(len(_unreadable(batch)) for batch in _batches(model, names))
            found.append(Unread(model, count, model._base_manager.count()))
    if steps := two_factors.unreadable():
        found.append(Unread(Authenticator, len(steps), Authenticator.objects.count(), "second steps"))
    return found


def faults() -> Iterator[Fault]:
    """Say which stored secrets can't be read: for `manage.py doctor`."""
    for one in unread():
        yield Fault(
            f"FERNET_KEYS can't read {one}.",
            "Add the key they were encrypted with to FERNET_KEYS, behind a comma, then restart.",
        )


def _unreadable(rows: Iterable[tuple[object, ...]]) -> set[object]:
    """The ids, first in each row, of rows with an unreadable value."""
    return {row[0] for row in rows if any(isinstance(value, Unreadable) for value in row)}


def _batches(model: type[models.Model], names: list[str]) -> Iterator[list[tuple[object, ...]]]:
    """All rows as `(id, *secrets)`, in short queries."""
    rows, last = model._base_manager.order_by("pk").values_list("pk", *names), None
    while batch := list((rows if last is None else rows.filter(pk__gt=last))[:BATCH]):
        yield batch
        last = batch[-1][0]


def reencrypt(model: type[models.Model], names: list[str]) -> tuple[int, int]:
    """Encrypt each row anew with the first key, one by one, so that locks are short. Concurrent changes are kept.

    Returns how many rows were encrypted, and how many stayed as they were because they can't be read.
    """
    done = unreadable = 0
    for pk in model._base_manager.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            values = model._base_manager.select_for_update().filter(pk=pk).values(*names).first()
            if values is not None:
                model._base_manager.filter(pk=pk).update(**values)
                lost = any(isinstance(value, Unreadable) for value in values.values())
                done, unreadable = done + (not lost), unreadable + lost
    return done, unreadable


def forget(model: type[models.Model], names: list[str]) -> int:
    """Replace what can't be read by the column's default: a new secret, or nothing. Returns the number of rows."""
    pks = [pk for batch in _batches(model, names) for pk in _unreadable(batch)]
    return sum(_forget_row(model, names, pk) for pk in pks)


@transaction.atomic
def _forget_row(model: type[models.Model], names: list[str], pk: object) -> bool:
    values = model._base_manager.select_for_update().filter(pk=pk).values(*names).first() or {}
    lost = [name for name, value in values.items() if isinstance(value, Unreadable)]
    if lost:
        fresh = {name: model._meta.get_field(name).get_default() or "" for name in lost}  # type: ignore[union-attr]
        model._base_manager.filter(pk=pk).update(**fresh)
    return bool(lost)


def pause_unreadable() -> None:
    """Pause integrations whose key can't be read, and resume those whose key can be read again."""
    for row in Integration.objects.filter(state=Integration.State.CONNECTED).order_by("pk"):
        if not row.api_key:
            pause(integration_id=row.pk, key_version=row.key_version, problem_code=KEY_UNREADABLE, problem_params={})
    for row in Integration.objects.filter(state=Integration.State.PAUSED).order_by("pk"):
        if not row.api_key and row.problem_code != KEY_UNREADABLE:
            same_key = Integration.objects.filter(pk=row.pk, key_version=row.key_version)
            same_key.update(problem_code=KEY_UNREADABLE, problem_params={})
        elif row.api_key and row.problem_code == KEY_UNREADABLE:
            resume(integration_id=row.pk, key_version=row.key_version)
