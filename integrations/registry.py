"""The coding tools there are. Adding one is a folder in this package and an entry here."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from django import forms

from integrations.base import CodingTool, Pacer, ToolInfo
from integrations.codesignal.forms import CodeSignalKeyForm
from integrations.codesignal.tool import codesignal_info, codesignal_tool, codesignal_trial_key


class ToolFactory(Protocol):
    """Makes the tool with a key; makes no call. Without `api_url` it is the one in the settings."""

    def __call__(self, api_key: str, api_url: str = "", *, pacer: Pacer | None = None) -> CodingTool: ...


@dataclass(frozen=True, slots=True)
class ToolEntry:
    """One tool. `describe` is asked anew each time, because waiting times are settings. `key_form` has one field,
    `api_key`. `trial_key` is a key of a stand-in, where the installation offers one, else empty."""

    describe: Callable[[], ToolInfo]
    key_form: type[forms.Form]
    factory: ToolFactory
    trial_key: Callable[[], str] = str

    @property
    def info(self) -> ToolInfo:
        return self.describe()


TOOLS: dict[str, ToolEntry] = {
    "codesignal": ToolEntry(codesignal_info, CodeSignalKeyForm, codesignal_tool, codesignal_trial_key),
}


def info_of(kind: str) -> ToolInfo:
    """The tool of this kind. Raises KeyError for a kind that is not in the registry."""
    return TOOLS[kind].info


@functools.cache
def tool_name(kind: str) -> str:
    """The tool's name, for sentences about it: a list says it a hundred times, and it is no setting."""
    return TOOLS[kind].info.name
