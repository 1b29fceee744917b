"""Mails to all admins about the deletion of their organization: planned, called off, done."""

from __future__ import annotations

from enum import IntEnum
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from organizations import languages, limits, zones
from organizations.hooks import erasures
from organizations.mail import Mailbox, mail_account
from organizations.models import Membership, Organization


class Kind(IntEnum):
    """Each mail that there is. Its name is that of its texts in `emails/erasure/`; its number goes to a worker."""

    PLANNED = 1
    CALLED_OFF = 2
    DONE = 3


def send(organization_id: int, kind: Kind) -> None:
    """Write to each admin, in their own zone. A mail that can't leave stops none of the others."""
    organization = Organization.objects.filter(pk=organization_id).first()
    if organization is None or (kind == Kind.PLANNED and organization.erase_at is None):
        return
    if not limits.has_room(limits.NOTICES, "organization", organization.pk, kind.name):
        return  # ten mails have said so; the trail has the rest
    admins = Membership.objects.filter(organization=organization, role=Membership.Role.ADMIN, user__is_active=True)
    here = reverse("settings-delete", kwargs={"organization": organization.slug})
    for admin in admins.select_related("user").order_by("pk"):
        zone = admin.user.time_zone
        at = timezone.localtime(organization.erase_at or timezone.now(), ZoneInfo(zone))
        to = Mailbox(admin.user.name, admin.user.email)
        with languages.speaking_to(admin.user, organization):
            context = {
                "organization": organization,
                "name": admin.user.get_short_name(),
                "at": f"{date_format(at, 'DATETIME_FORMAT')}, {zones.label(zone, at)}",
                "address": f"{settings.BASE_URL}{here}",
                "left": erasures.left_at_vendors(organization) if kind == Kind.DONE else [],
            }
            template = f"erasure/{kind.name.lower()}"
            mail_account(template, context, to=to, user_id=admin.user_id, organization=organization)
