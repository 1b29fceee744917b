"""Count what goes with an organization, for whoever confirms its deletion."""

from __future__ import annotations

from django.utils.translation import ngettext

from organizations.models import Membership, Organization


def lines(organization: Organization) -> list[str]:
    """Count members, and of them the accounts that go with their membership."""
    members = Membership.objects.filter(organization=organization)
    elsewhere = Membership.objects.exclude(organization=organization).values("user")
    number, going = members.count(), members.filter(user__is_staff=False).exclude(user__in=elsewhere).count()
    return [
        ngettext("%(number)d member", "%(number)d members", number) % {"number": number},
        ngettext(
            "%(number)d account that belongs to no other organization",
            "%(number)d accounts that belong to no other organization",
            going,
        )
        % {"number": going},
    ]
