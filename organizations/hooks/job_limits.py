"""Job limits: how the rows of each model are limited to the jobs of a coordinator.

A model without an entry has no rows for a coordinator, so that a new one is closed until somebody has decided.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Model, Q

from organizations.models import Membership

#: By model: the condition under which a row belongs to the jobs that a membership is assigned to.
LIMITS: dict[type[Model], Callable[[Membership], Q]] = {}


def unlimited(_membership: Membership) -> Q:
    """For rows of the organization that belong to no job."""
    return Q()
