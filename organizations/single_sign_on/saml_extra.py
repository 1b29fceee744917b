"""Whether this installation speaks SAML: the package that checks signatures is an extra (`saml` in pyproject.toml)."""

from __future__ import annotations

from importlib.util import find_spec


def is_installed() -> bool:
    return find_spec("signxml") is not None
