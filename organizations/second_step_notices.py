"""The reminder of those whom their organization asks for a second step, until the day on which it is needed."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from organizations import two_factors
from organizations.access import Access
from organizations.hooks.notices import Notice


def second_step_notices(access: Access) -> list[Notice]:
    """Return the reminder for a member who still has time. Asks no query: `access_for` has read what it needs."""
    membership = access.membership
    if not two_factors.asked_of(membership) or getattr(membership, "has_second_step", False):
        return []
    text = _("%(organization)s asks for two-step sign-in from %(day)s.") % {
        "organization": access.organization.name,
        "day": two_factors.day_of(access.organization),
    }
    return [Notice(text, reverse("mfa_index"), _("Set it up"))]
