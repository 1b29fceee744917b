"""The controls of a sandbox: all that tests, benchmarks and its own pages may do to the vendor."""

from __future__ import annotations

import dataclasses
import threading
from pathlib import Path
from typing import Any

from integrations.sandbox.calendars.by_hand import ByHand
from integrations.sandbox.calendars.surface import Surface
from integrations.sandbox.calendars.world import World
from integrations.sandbox.faults import Fault, FaultPlan
from integrations.sandbox.gateway import Gateway
from integrations.sandbox.google import GoogleSurface
from integrations.sandbox.limits import RequestRecord
from integrations.sandbox.microsoft import MicrosoftSurface
from integrations.sandbox.model import DEFAULT_COMPANY, Settings
from integrations.sandbox.vendor import Vendor
from integrations.sandbox.webhooks import Webhooks

# More than any setting can sensibly be; keeps infinities out of waits.
MOST = 1_000_000


class Controls:
    """The vendor with its webhooks, settings, faults and request log, without a server."""

    def __init__(self, state_path: str | Path | None, settings: Settings) -> None:
        self.settings = settings
        self.stopping = threading.Event()
        self.vendor = Vendor(state_path)
        self.faults = FaultPlan(Fault)
        self.webhooks = Webhooks(self.vendor, settings)
        self.gateway = Gateway(self.vendor, settings, self.faults, self.stopping)
        self.calendars = World(self.vendor.journal, self.vendor.lock, self.vendor.now)
        #: Vendors of calendars, each with its own addresses and faults, over the one world of calendars.
        self.google = GoogleSurface(self.calendars, settings, self.stopping)
        self.microsoft = MicrosoftSurface(self.calendars, settings, self.stopping)
        self.surfaces: dict[str, Surface] = {"google": self.google, "microsoft": self.microsoft}
        # Each is written and explained once, where it belongs.
        by_hand = ByHand(self.calendars)
        self.add_calendar_person = by_hand.add_calendar_person
        self.calendar_entries = by_hand.calendar_entries
        self.add_calendar_entry = by_hand.add_calendar_entry
        self.move_calendar_entry = by_hand.move_calendar_entry
        self.answer_calendar_entry = by_hand.answer_calendar_entry
        self.delete_calendar_entry = by_hand.delete_calendar_entry
        self.make_key = self.vendor.make_key
        self.revoke = self.vendor.revoke
        self.add_template = self.vendor.add_template
        self.interviews = self.vendor.interviews
        self.add_interview = self.vendor.add_interview
        self.start_interview = self.vendor.start_interview
        self.finish = self.vendor.finish
        self.leave_feedback = self.vendor.leave_feedback
        self.delete = self.vendor.delete_by_hand
        self.advance = self.vendor.advance
        self.add_webhook = self.webhooks.save
        self.webhook_states = self.webhooks.all
        self.wait_webhooks_idle = self.webhooks.wait_idle
        self.fault = self.faults.add
        self.clear_faults = self.faults.clear
        self.max_in_any_second = self.gateway.log.max_in_any_second
        self.wait_for_requests = self.gateway.log.wait

    def key_id(self, key: str) -> str:
        """The id of a key in the request log. Raises KeyError for an unknown or revoked one."""
        record = self.vendor.find_key(key)
        if record is None:
            raise KeyError("There is no such key.")
        return record.id

    def templates(self, *, company: str = DEFAULT_COMPANY) -> dict[str, str]:
        """Names of the templates by id."""
        owner = self.vendor.company_named(company)
        return {template.id: template.name for template in self.vendor.company_templates(owner.id)}

    def configure(self, /, **changes: Any) -> None:
        """Change settings by the names of `Settings`. Raises ValueError for an unknown name or a bad value."""
        known = dataclasses.asdict(self.settings)
        if not changes.keys() <= known.keys():
            raise ValueError(f"Unknown setting. Use some of: {', '.join(sorted(known))}.")
        checked = {name: type(known[name])(value) for name, value in changes.items()}
        for name, value in checked.items():
            if isinstance(value, float | int) and not 0 <= value <= MOST:
                raise ValueError(f"{name} must be from 0 to {MOST:,}.")
        if checked.get("webhook_speed") == 0:
            raise ValueError("webhook_speed must be above 0.")
        for name, value in checked.items():
            setattr(self.settings, name, value)

    def calendar_fault(self, vendor: str, fault: str, **rule: Any) -> int:
        """Add a fault to a calendar vendor's surface; `rule` is as for `fault`. Raises ValueError for unknown ones."""
        if vendor not in self.surfaces:
            raise ValueError(f"Unknown vendor. Use one of: {', '.join(self.surfaces)}.")
        return self.surfaces[vendor].faults.add(fault, **rule)

    def clear_all_faults(self) -> None:
        """Take away all rules, of the coding tool and of calendar vendors."""
        self.faults.clear()
        for surface in self.surfaces.values():
            surface.faults.clear()

    @property
    def faults_fired(self) -> dict[str, int]:
        """How often each fault was applied, by its value."""
        return dict(self.faults.fired)

    @property
    def requests(self) -> list[RequestRecord]:
        """The log, oldest first."""
        return self.gateway.log.records()

    @property
    def refused_by_rate_limit(self) -> int:
        """How many requests the rate limit refused."""
        return self.gateway.log.refused_by_rate_limit()

    def forget_requests(self) -> None:
        """Empty the log and the rate limit's windows."""
        self.gateway.log.clear()
        self.gateway.limiter.forget()
