"""Read the audit trail: the sentence of each row, with the names that its ids have now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from organizations.bidi import isolated
from organizations.hooks.trail import ACTIONS, KINDS, LABELS, Group
from organizations.models import AuditEvent, Membership, User

#: Of a row that this version of Panelist has no sentence for.
UNKNOWN_ICON = "history"


class Trail:
    """Rows to show together. Their names are looked up at once: one query for each kind of thing that they name.

    `known`: names by kind and id that the caller has read already.
    """

    def __init__(self, events: Collection[AuditEvent], known: Mapping[str, Mapping[int, str]] | None = None) -> None:
        wanted: dict[str, set[int]] = defaultdict(set)
        for event in events:
            if event.actor_id:
                wanted["user"].add(event.actor_id)
            for kind, pk in _references(event.detail):
                wanted[kind].add(pk)
            if event.person_type in KINDS and event.person_id:
                wanted[event.person_type].add(event.person_id)
        for pk in _forgotten({event.organization_id for event in events}, wanted["user"]):
            wanted["user"].discard(pk)
        self._names = {kind: dict(names) for kind, names in (known or {}).items()}
        for kind, ids in wanted.items():
            names, look_up = self._names.setdefault(kind, {}), KINDS[kind].names
            if look_up is not None and (unknown := ids - set(names)):
                names.update(look_up(unknown))

    def name(self, kind: str, pk: int) -> str:
        """The name of a thing, or words for one that is gone, such as "a removed candidate"."""
        found = self._names.get(kind, {}).get(pk)
        return isolated(found) if found else str(KINDS[kind].gone)

    def actor(self, event: AuditEvent) -> str:
        """The name of the person who acted; "" where Panelist did."""
        if event.actor_id:
            return self.name("user", event.actor_id)
        action = ACTIONS.get(event.action)
        return str(action.unknown_actor) if action else ""

    def person(self, event: AuditEvent) -> str:
        """The name of the person whom the row is about; "" where it is about nobody."""
        kind = KINDS.get(event.person_type)
        if kind is None or kind.names is None or not event.person_id:
            return ""
        return self.name(event.person_type, event.person_id)

    def sentence(self, event: AuditEvent) -> str:
        """The row in one sentence."""
        return _filled(event, self.name)


def _forgotten(organizations: set[int], users: Collection[int]) -> set[int]:
    """The people whom an organization has forgotten (`erasure/former.py`), and who are no members again.

    Rows of several organizations are read by whoever runs the server, who sees the accounts anyway.
    """
    if len(organizations) != 1 or not users:
        return set()
    here = {"organization__in": organizations}
    # By action alone: few were forgotten, and by the people a planner reads all that they did.
    rows = AuditEvent.objects.filter(action="member.forgotten", **here)
    back = Membership.objects.filter(user__in=users, **here).values("user")
    found = rows.exclude(person_id__in=back).order_by().values_list("person_id", flat=True)
    return {pk for pk in found if pk is not None and pk in users}


def words(event: AuditEvent) -> str:
    """The words of a row's sentence that name no person, to search by."""
    return _filled(event, lambda _kind, _pk: "", with_texts=False)


def sentence_naming_only(event: AuditEvent, user: User) -> str:
    """The row in one sentence for one person to keep: others are "somebody", and what people wrote is left out."""

    def name(kind: str, pk: int) -> str:
        return isolated(user) if (kind, pk) == ("user", user.pk) else _("somebody")

    return _filled(event, name, with_texts=False)


def icon(event: AuditEvent) -> str:
    action = ACTIONS.get(event.action)
    return action.icon if action else UNKNOWN_ICON


def actions_of(group: Group) -> list[str]:
    """The codes of a subject's actions."""
    return [code for code, action in ACTIONS.items() if action.group == group]


def _filled(event: AuditEvent, name: Callable[[str, int], str], *, with_texts: bool = True) -> str:
    if told := event.detail.get("sentence"):
        return str(told)  # of a row from before sentences were made at reading
    action = ACTIONS.get(event.action)
    if action is None:
        return _("Unknown change (%(action)s)") % {"action": event.action}
    return str(action.sentence % _Values(event, name, with_texts=with_texts))


class _Values(dict[str, Any]):
    """The values of a sentence's parameters, each made when the sentence asks for it."""

    def __init__(self, event: AuditEvent, name: Callable[[str, int], str], *, with_texts: bool) -> None:
        super().__init__()
        texts = event.texts if with_texts else {}
        self._known = {event.person_type: event.person_id} | texts | event.detail
        self._person = event.person_type if event.person_type in KINDS else "user"
        self._name, self._with_texts = name, with_texts

    def __missing__(self, key: str) -> Any:
        if key == "person":  # of whichever kind
            key = self._person
        value, kind = self._known.get(key), KINDS.get(key)
        if kind is not None and isinstance(value, int):
            return self._name(key, value)
        if kind is not None:
            return isolated(value or (kind.gone if self._with_texts else ""))
        if key in LABELS:
            return isolated(LABELS[key](value))
        if isinstance(value, int | float):
            return value  # a plural form is chosen by its number
        return isolated(value or "")


def _references(value: Any) -> Iterator[tuple[str, int]]:
    """Every (kind, id) in a row's detail, however deep."""
    if isinstance(value, dict):
        for key, inner in value.items():
            kind = KINDS.get(key)
            if kind is not None and kind.names is not None:
                yield from ((key, pk) for pk in _numbers(inner))
            else:
                yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def _numbers(value: Any) -> Iterable[int]:
    if isinstance(value, list):
        return [number for inner in value for number in _numbers(inner)]
    return [value] if isinstance(value, int) else []
