"""A second coding tool, as small as the contract allows: its links never expire, and it has neither templates nor a
webhook. It shows that the core works for a tool that it does not know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from django import forms

from integrations.base import (
    Account,
    CredentialsRejected,
    Found,
    Limits,
    LinkRequest,
    Pacer,
    Permission,
    Refused,
    Template,
    ToolInfo,
    VendorLink,
    VendorStatus,
    Verdict,
    WebhookEvent,
)
from integrations.registry import ToolEntry

KEY = "pad-key-0123456789"
#: The vendor's side: live links by id. Tests empty it.
LINKS: dict[str, VendorLink] = {}


def pad_info() -> ToolInfo:
    return ToolInfo(
        kind="pad",
        name="Pad",
        description="A shared pad.",
        limits=Limits(
            writes_per_second=20,
            reads_per_second=40,
            max_lifetime=None,
            emails_per_look_up=10,
            timeout=5,
            settle=timedelta(seconds=10),
        ),
        permissions=(Permission("pads", "Create and delete pads"),),
        problems={"full": "%(tool)s has no room for more than %(most)s pads."},
        has_templates=False,
        has_webhooks=False,
    )


class PadTool:
    """A coding tool that keeps its links in this process."""

    def __init__(self, api_key: str, api_url: str = "", *, pacer: Pacer | None = None) -> None:
        self.info = pad_info()
        self._api_key, self._api_url, self._pacer = api_key, api_url, pacer

    def _asked(self, operation: str) -> None:
        if self._api_key != KEY:
            raise CredentialsRejected("key_rejected")
        if self._pacer is not None:
            self._pacer("write" if operation == "write" else "read")

    def check_credentials(self) -> Account:
        self._asked("read")
        return Account("pad-acme", "Acme Pads", {"pads": Verdict.YES})

    def create_link(self, request: LinkRequest) -> VendorLink:
        self._asked("write")
        if len(LINKS) == 2:
            raise Refused("full", most="2")
        assert request.lifetime is None
        made = VendorLink(
            external_id=f"pad{len(LINKS)}",
            url=f"https://pad.example/{len(LINKS)}",
            status=VendorStatus.WAITING,
            candidate_name=request.candidate_name,
            candidate_email=request.candidate_email,
        )
        LINKS[made.external_id] = made
        return made

    def fetch_link(self, external_id: str) -> VendorLink | None:
        self._asked("read")
        return LINKS.get(external_id)

    def find_links(self, emails: Sequence[str]) -> dict[str, Found]:
        self._asked("read")
        return {email: Found(tuple(one for one in LINKS.values() if one.candidate_email == email)) for email in emails}

    def list_links(self, *, most: int) -> Found:
        self._asked("read")
        return Found(tuple(LINKS.values())[:most])

    def update_link(self, external_id: str, request: LinkRequest) -> VendorLink:
        self._asked("write")
        LINKS[external_id] = replace(LINKS[external_id], candidate_name=request.candidate_name)
        return LINKS[external_id]

    def cancel_link(self, external_id: str) -> None:
        self._asked("write")
        LINKS.pop(external_id, None)

    def list_templates(self) -> list[Template]:
        return []

    def verify_webhook(self, *, url: str, secret: str, headers: Mapping[str, str], body: Mapping[str, object]) -> bool:
        return False

    def parse_webhook(self, body: Mapping[str, object]) -> WebhookEvent | None:
        return None


class PadKeyForm(forms.Form):
    api_key = forms.CharField(label="API Key")


PAD = ToolEntry(pad_info, PadKeyForm, PadTool)
