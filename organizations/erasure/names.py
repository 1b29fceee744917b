"""The name and the addresses of a person, to be found and replaced in texts that are kept."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, TextField
from django.db.models.functions import Cast

from organizations.models import User

#: Replace a name, and an address where a column needs one: `.invalid` is nobody's (RFC 2606).
FORMER_MEMBER = "Former member"
NO_ADDRESS = "former-member@panelist.invalid"


class Names:
    """The words by which a text names a person."""

    def __init__(self, user: User) -> None:
        self.addresses = list(dict.fromkeys(one for one in (user.email, user.pending_email) if one))
        self.name = user.name.strip()
        escaped = [html.escape(self.name), self.name] if self.name else []
        # Addresses in any letters; a name as it is written, because "Will" and "will" are two words.
        found = [f"(?i:{re.escape(address)})" for address in self.addresses] + [re.escape(one) for one in escaped]
        self._pattern = re.compile(rf"(?<![\w@])(?:{'|'.join(found)})(?![\w@])")

    def __contains__(self, value: object) -> bool:
        return bool(self.replaced(value) != value)

    def replaced(self, value: Any) -> Any:
        """A text, or JSON with texts however deep, in which nothing names the person any more."""
        if isinstance(value, str):
            return self._pattern.sub(lambda found: NO_ADDRESS if "@" in found[0] else FORMER_MEMBER, value)
        if isinstance(value, list):
            return [self.replaced(one) for one in value]
        if isinstance(value, dict):
            return {key: self.replaced(one) for key, one in value.items()}
        return value

    def mentioned(self, *, texts: Sequence[str] = (), documents: Sequence[str] = ()) -> tuple[dict[str, Cast], Q]:
        """Annotations and a condition for rows that may name the person in columns of text or of JSON.

        It finds a little more than `replaced` changes, and nothing less.
        """
        plain = {f"{name}_as_text": Cast(name, TextField()) for name in documents}
        words = [*self.addresses, *([self.name] if self.name else [])]
        # SQLite keeps JSON in ASCII, PostgreSQL as it is read; a text may be HTML.
        spellings = {one for word in words for one in (word, json.dumps(word)[1:-1], html.escape(word))}
        conditions = [Q(**{f"{column}__icontains": word}) for column in (*texts, *plain) for word in spellings]
        return plain, reduce(or_, conditions)
