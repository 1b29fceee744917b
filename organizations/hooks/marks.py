"""Marks on the reader: what an app needs to know on many pages, read in the query that finds their membership.

Each is an expression over a membership, which becomes an attribute of it. Costs no query; keep it as cheap as one look
into an index.
"""

from __future__ import annotations

from django.db.models import Q
from django.db.models.expressions import Combinable

#: By the name of the attribute.
MARKS: dict[str, Combinable | Q] = {}
