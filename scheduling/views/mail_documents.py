"""The documents of mails in the frame of a page: they may style themselves, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.http import HttpResponseBase
from django.views.decorators.clickjacking import xframe_options_sameorigin

_POLICY = csp(
    {
        "default-src": [NONE],
        # The document's own, and pictures that are in it: nothing is loaded.
        "style-src": [UNSAFE_INLINE],
        "img-src": ["data:"],
        "base-uri": [NONE],
        "form-action": [NONE],
        "frame-ancestors": [SELF],
        "sandbox": [],
    }
)


def shows_mail(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Decorate a view whose answer is the HTML part of a mail."""
    return xframe_options_sameorigin(_POLICY(view))
