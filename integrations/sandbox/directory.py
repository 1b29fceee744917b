"""Companies with their templates and keys, and the vendor's clock."""

from __future__ import annotations

import dataclasses
import hashlib
import secrets
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from integrations.sandbox.journal import Journal
from integrations.sandbox.model import (
    ALL,
    DEFAULT_COMPANY,
    MAX_HOURS,
    PERMISSIONS,
    ApiKey,
    Company,
    Template,
    new_id,
)

TEMPLATE_NAMES = (
    "General coding",
    "Frontend: build a component",
    "Backend: design an API",
    "Data: SQL and pipelines",
    "System design conversation",
)


class VendorError(Exception):
    """The vendor refuses; the text is its answer."""


class Unknown(VendorError):
    """A name of nothing that is there; the text says so."""


def digest_of(key: str) -> str:
    """The form in which a key is stored."""
    return hashlib.sha256(key.encode()).hexdigest()


class Directory:
    """The vendor's customers. Every method may be called from any thread."""

    def __init__(self, state_path: str | Path | None = None) -> None:
        self.lock = threading.RLock()
        self.clock_offset_ms = 0
        self.journal = Journal(state_path)
        self.companies = {row["id"]: Company(**row) for row in self.journal.load("company")}
        self.templates = {row["id"]: Template(**row) for row in self.journal.load("template")}
        self.keys = {row["digest"]: ApiKey(**row) for row in self.journal.load("key")}

    def now(self) -> int:
        """The vendor's clock in milliseconds; `advance` moves it."""
        return int(time.time() * 1000) + self.clock_offset_ms

    def company_named(self, name: str) -> Company:
        """The company of that name; a new one is created with its templates."""
        with self.lock:
            for company in self.companies.values():
                if company.name == name:
                    return company
            company = Company(new_id(), name)
            self.companies[company.id] = company
            self.journal.put("company", company.id, dataclasses.asdict(company))
            for position, template in enumerate(TEMPLATE_NAMES):
                self.add_template(template, company=name, is_default=position == 0)
            return company

    def add_template(
        self,
        name: str,
        *,
        company: str = DEFAULT_COMPANY,
        is_default: bool = False,
        default_hours: int = MAX_HOURS,
    ) -> str:
        """Add an interview template and return its id."""
        with self.lock:
            owner = self.company_named(company)
            template = Template(new_id(), owner.id, name, is_default, default_hours)
            self.templates[template.id] = template
            self.journal.put("template", template.id, dataclasses.asdict(template))
            return template.id

    def company_templates(self, company_id: str, search: str = "") -> list[Template]:
        """The company's templates whose name contains the words, in the order they were made."""
        with self.lock:
            return [
                template
                for template in self.templates.values()
                if template.company_id == company_id and search.casefold() in template.name.casefold()
            ]

    def make_key(
        self,
        *,
        company: str = DEFAULT_COMPANY,
        permissions: Sequence[str] = ALL,
        description: str = "",
        key: str = "",
    ) -> str:
        """Create a key and return it, the only time it is shown. `key` fixes its text.

        Creates the company when it is new. Raises VendorError for an unknown permission.
        """
        unknown = [name for name in permissions if name not in PERMISSIONS]
        if unknown:
            raise VendorError(f"Unknown permission. Use some of: {', '.join(PERMISSIONS)}.")
        key = key or secrets.token_urlsafe(32)
        with self.lock:
            record = ApiKey(
                id=new_id(8),
                company_id=self.company_named(company).id,
                description=description,
                digest=digest_of(key),
                last_four=key[-4:],
                permissions=list(permissions),
                created_at=self.now(),
            )
            self.keys[record.digest] = record
            self.journal.put("key", record.digest, dataclasses.asdict(record))
        return key

    def find_key(self, key: str) -> ApiKey | None:
        """The record of a key that works; None for an unknown or a revoked one."""
        record = self.keys.get(digest_of(key))
        return record if record and record.revoked_at is None else None

    def revoke(self, key: str) -> None:
        """End a key, given as the key itself or as its id. Raises Unknown when there is none."""
        with self.lock:
            record = self.keys.get(digest_of(key))
            if record is None:
                record = next((each for each in self.keys.values() if each.id == key), None)
            if record is None:
                raise Unknown("There is no such key.")
            if record.revoked_at is None:
                record.revoked_at = self.now()
                self.journal.put("key", record.digest, dataclasses.asdict(record))
