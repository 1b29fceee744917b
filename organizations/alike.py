"""Draw a part of pages once for all pages in which it is alike: the menus around one cost as much as ten rows.

Such a part's template gets what it is `made_of` and nothing else of the page. That is also the key under which this
process keeps it, with the language: so nobody sees a part of somebody else's page, nor an old one.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache

from django.db.models import Model
from django.template.loader import get_template
from django.utils.safestring import SafeString
from django.utils.translation import get_language


def drawn_alike(template: str, **made_of: Hashable) -> SafeString:
    """Render a template with `made_of` as its context: texts, numbers, and dataclasses and tuples of them.

    Never a text that is safe in HTML, which equals the same text of which nobody knows that. Raises TypeError for a row
    of the database, which is alike whatever stands in it.
    """
    for name, value in made_of.items():
        if isinstance(value, Model):
            raise TypeError(f"{name} is a row: name what the template needs of it")
    return _drawn(template, get_language(), tuple(made_of.items()))


# Room for a few parts of each member who is at work.
@lru_cache(maxsize=2000)
def _drawn(
    template: str,
    language: str | None,  # noqa: ARG001 - texts are in it
    made_of: tuple[tuple[str, Hashable], ...],
) -> SafeString:
    return SafeString(get_template(template).render(dict(made_of)))
