"""What every page's frame needs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """`access` and `organization` for member pages; nothing for the others."""
    access = getattr(request, "access", None)
    if access is None:
        return {}
    return {"access": access, "organization": access.organization}
