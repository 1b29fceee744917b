"""Send one request, roll back what it did, and report what must not have happened."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode
from zlib import crc32

import pytest
from django.db import connection, models, transaction
from django.http import HttpResponseBase, QueryDict, StreamingHttpResponse
from django.test import Client
from django.utils.datastructures import MultiValueDict

from tests.everything import Rows
from tests.fuzz.forms import Fields

FORM = "application/x-www-form-urlencoded"
WRITES = ("INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True)
class Share:
    """The share of cases that is tried: one of so many, always the same."""

    one_of: int

    def __contains__(self, case: object) -> bool:
        return crc32(repr(case).encode()) % self.one_of == 0


@dataclass
class Reads:
    """The names of parameters that views looked for while `watched`."""

    names: set[str] = field(default_factory=set)

    @contextmanager
    def watched(self) -> Iterator[None]:
        def noting(method: Callable[..., Any]) -> Callable[..., Any]:
            def looked(self_: Any, key: Any, *rest: Any, **more: Any) -> Any:
                if isinstance(self_, QueryDict) and isinstance(key, str):
                    self.names.add(key)
                return method(self_, key, *rest, **more)

            return looked

        with pytest.MonkeyPatch.context() as patch:
            for name in ("__getitem__", "getlist"):
                patch.setattr(MultiValueDict, name, noting(getattr(MultiValueDict, name)))
            patch.setattr(MultiValueDict, "__contains__", noting(dict.__contains__), raising=False)
            yield


@dataclass
class Probe:
    """Requests of one person, and the problems of their answers.

    `theirs` are another organization's rows, `secret` a word in them that no answer may hold.
    """

    client: Client
    theirs: Rows
    secret: str = ""
    problems: list[str] = field(default_factory=list)
    asked: int = 0
    wrote: int = 0

    def __post_init__(self) -> None:
        self.before = self._theirs()

    def ask(
        self,
        method: str,
        address: str,
        *,
        query: str = "",
        body: bytes = b"",
        content_type: str = FORM,
        what: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> HttpResponseBase | None:
        """Send a request and return the answer; None where there was none. All writes are rolled back."""
        self.asked += 1
        statements: list[str] = []
        cookies = deepcopy(self.client.cookies)
        said = f"{method} {address[:120]} {what}"

        def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
            if sql.startswith(WRITES):
                statements.append(sql)
            return execute(sql, params, many, context)

        response: HttpResponseBase | None = None
        with transaction.atomic():
            try:
                with connection.execute_wrapper(note):
                    response = self.client.generic(
                        method, f"{address}?{query}" if query else address, body, content_type, headers=headers
                    )
                    text = response.getvalue() if isinstance(response, StreamingHttpResponse) else response.content
            except Exception as problem:
                self.problems.append(f"{said}: {type(problem).__name__}: {str(problem)[:100]}")
            else:
                self._judge(method, said, response, statements)
                if self.secret and self.secret.encode() in text:
                    self.problems.append(f"{said}: names what is another organization's")
            transaction.set_rollback(True)
        self.client.cookies = cookies
        return response

    def report(self) -> str:
        """The problems, each kind once at each address, so that a reader sees all of them."""
        kinds: dict[str, str] = {}
        for problem in self.problems:
            head, _colon, kind = problem.partition(": ")
            kinds.setdefault(f"{' '.join(head.split()[:2])} {kind[:60]}", problem)
        return "\n".join(kinds.values())

    def _judge(self, method: str, said: str, response: HttpResponseBase, statements: list[str]) -> None:
        if response.status_code >= 500:
            self.problems.append(f"{said}: {response.status_code}")
        if statements and method != "POST":
            self.problems.append(f"{said}: wrote {statements[0][:80]}")
        if statements:
            self.wrote += 1
            if self._theirs() != self.before:
                self.problems.append(f"{said}: changed another organization's rows")

    def _theirs(self) -> list[dict[str, Any] | None]:
        """The other organization's rows as they are, and how many of each kind it has."""
        return [_values(row) for row in self.theirs.values()]


def _values(row: models.Model) -> dict[str, Any] | None:
    rows = type(row)._default_manager
    found = rows.filter(pk=row.pk).values().first()
    if found is not None and "organization_id" in found:
        found["how many"] = rows.filter(organization_id=found["organization_id"]).count()
    return found


def encoded(fields: Fields) -> str:
    """The values encoded as a browser encodes a form."""
    return urlencode(fields, doseq=True, errors="replace")


def with_raw(fields: Fields, name: str, raw: bytes) -> str:
    """The values encoded likewise, with raw bytes for one of the names."""
    rest = encoded({key: values for key, values in fields.items() if key != name})
    return f"{rest}&{quote(name)}={raw.decode('ascii')}"
