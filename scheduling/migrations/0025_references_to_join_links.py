"""Puts references in place of join links' addresses in stored messages, as `scheduling.join_links.references` does.

In batches, each in a transaction of its own: tables may be big, and a stop in the middle leaves whole rows that the
next run finishes. Back: the addresses of join links whose token can be read are put in again.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from typing import Any

from django.db import migrations, transaction

BATCH = 500
ADDRESS = re.compile(r"(/join/)([A-Za-z0-9_-]{16,64})(?=/)")
REFERENCE = re.compile(r"(/join/)link-(\d{1,18})(?=/)")
TEXTS = ["text", "html", "body_source"]
EVENT_TEXTS = ["description", "location"]

Change = Callable[[str], str]


def forwards(apps: Any, _schema_editor: Any) -> None:
    links = apps.get_model("scheduling", "JoinLink").objects

    def change_of(rows: list[Any]) -> Change:
        hashes = {hashlib.sha256(token.encode()).hexdigest(): token for token in _found(rows, ADDRESS)}
        known = links.filter(token_hash__in=hashes).values_list("token_hash", "pk")
        references = {hashes[token_hash]: f"link-{pk}" for token_hash, pk in known}
        return lambda text: ADDRESS.sub(lambda one: one[1] + references.get(one[2], one[2]), text)

    _rewrite(apps, change_of)


def backwards(apps: Any, _schema_editor: Any) -> None:
    links = apps.get_model("scheduling", "JoinLink").objects

    def change_of(rows: list[Any]) -> Change:
        known = links.filter(pk__in={int(pk) for pk in _found(rows, REFERENCE)}).values_list("pk", "token")
        tokens = {pk: token for pk, token in known if token}
        return lambda text: REFERENCE.sub(lambda one: one[1] + tokens.get(int(one[2]), f"link-{one[2]}"), text)

    _rewrite(apps, change_of)


def _rewrite(apps: Any, change_of: Callable[[list[Any]], Change]) -> None:
    messages = apps.get_model("scheduling", "Message").objects
    for pks in _batches(messages):
        with transaction.atomic():
            rows = list(messages.select_for_update().filter(pk__in=pks).only("pk", "calendar", *TEXTS))
            change = change_of(rows)
            changed = [row for row in rows if _rewrite_row(row, change)]
            messages.bulk_update(changed, ["calendar", *TEXTS], batch_size=BATCH)


def _batches(messages: Any) -> Iterator[list[int]]:
    last = 0
    while pks := list(messages.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        yield pks
        last = pks[-1]


def _rewrite_row(row: Any, change: Change) -> bool:
    """Whether anything of it is another one now."""
    before = [*(getattr(row, name) for name in TEXTS), *_texts_of_events(row)]
    for name in TEXTS:
        setattr(row, name, change(getattr(row, name)))
    row.calendar = [
        event | {name: change(event[name]) for name in EVENT_TEXTS if isinstance(event.get(name), str)}
        for event in row.calendar
    ]
    return before != [*(getattr(row, name) for name in TEXTS), *_texts_of_events(row)]


def _found(rows: list[Any], what: re.Pattern[str]) -> set[str]:
    texts = [text for row in rows for text in (*(getattr(row, name) for name in TEXTS), *_texts_of_events(row))]
    return {found[1] for text in texts for found in what.findall(text)}


def _texts_of_events(row: Any) -> list[str]:
    return [str(event.get(name, "")) for event in row.calendar for name in EVENT_TEXTS]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("scheduling", "0024_action_needed")]
    operations = [migrations.RunPython(forwards, backwards, elidable=True)]
