"""Error reports without data: with DEBUG on, Django's own would print keys, tokens and candidates' data."""

from __future__ import annotations

from collections.abc import ItemsView
from types import FrameType
from typing import Any

from django.http import HttpRequest, QueryDict
from django.views.debug import SafeExceptionReporterFilter


class DiscreetFilter(SafeExceptionReporterFilter):
    """Shows the place and the settings, but neither local variables nor the data of the request.

    Django's filter hides only what is marked as sensitive, and only with DEBUG off.
    """

    def is_active(self, request: HttpRequest | None) -> bool:  # noqa: ARG002
        return True

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: FrameType) -> ItemsView[str, Any]:  # noqa: ARG002
        nothing: dict[str, Any] = {}
        return nothing.items()

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        if request is None:
            return {}
        hidden = QueryDict(mutable=True)
        hidden.update(dict.fromkeys(request.POST, self.cleansed_substitute))
        return hidden
