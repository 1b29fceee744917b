"""The coding tools there are. Adding one is a folder beside `codesignal/` and an entry here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from django import forms
from django.conf import settings

from integrations.base import CodingTool, Pacer, ToolInfo
from integrations.codesignal.forms import CodeSignalKeyForm
from integrations.codesignal.tool import INFO, CodeSignalTool


class ToolFactory(Protocol):
    """Makes the tool with a key; makes no call. Without `api_url` it is the one in the settings."""

    def __call__(self, api_key: str, api_url: str = "", *, pacer: Pacer | None = None) -> CodingTool: ...


@dataclass(frozen=True, slots=True)
class ToolEntry:
    """One tool. `key_form` has one field, `api_key`."""

    info: ToolInfo
    key_form: type[forms.Form]
    factory: ToolFactory


def _codesignal(api_key: str, api_url: str = "", *, pacer: Pacer | None = None) -> CodingTool:
    silence = float(settings.CODESIGNAL_TIMEOUT)
    return CodeSignalTool(
        api_key, api_url=api_url or str(settings.CODESIGNAL_API_URL), timeout=(min(5.0, silence), silence), pacer=pacer
    )


TOOLS: dict[str, ToolEntry] = {
    "codesignal": ToolEntry(info=INFO, key_form=CodeSignalKeyForm, factory=_codesignal),
}
