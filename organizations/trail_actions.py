"""Sentences of the audit trail about accounts, members and the organization."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from organizations.hooks.trail import Act, Action, Group, Kind
from organizations.models import Membership, Organization, User
from organizations.search import found_by
from organizations.zones import city

PEOPLE, ADDED, REMOVED = Group.PEOPLE, Act.ADDED, Act.REMOVED

ACTIONS = {
    "organization.created": Action(
        _("Set up the organization with %(user)s as its first admin"), "building", PEOPLE, ADDED
    ),
    "organization.changed": Action(_("Changed the organization's settings"), "building", PEOPLE),
    "member.invited": Action(_("Invited %(email)s as %(role)s"), "user", PEOPLE, ADDED),
    "member.invitation_sent_again": Action(_("Resent the invitation to %(email)s"), "user", PEOPLE, Act.SENT),
    "member.invitation_withdrawn": Action(_("Withdrew the invitation to %(email)s"), "user", PEOPLE, REMOVED),
    "member.invitation_ended": Action(
        _("Withdrew the invitation to %(email)s, because its sender may not invite any more"), "user", PEOPLE, REMOVED
    ),
    "member.invitation_shown": Action(
        _("Showed the link of the invitation to %(email)s"), "user", PEOPLE, Act.DISCLOSED
    ),
    "member.joined_by_hand": Action(
        _("%(user)s joined as %(role)s with a link that was handed over"), "user", PEOPLE, ADDED
    ),
    "member.joined": Action(_("%(user)s joined as %(role)s"), "user", PEOPLE, ADDED),
    "member.role_changed": Action(_("Changed the role of %(user)s from %(former_role)s to %(role)s"), "user", PEOPLE),
    "member.invited_to_jobs": Action(_("Invited %(email)s as %(role)s of %(jobs)s"), "user", PEOPLE, ADDED),
    "member.jobs_changed": Action(_("Changed the jobs of %(user)s to %(jobs)s"), "user", PEOPLE),
    "member.address_told_apart": Action(
        _("Told the address of %(user)s apart from the same one of an older account"), "user", PEOPLE
    ),
    "member.address_change_asked": Action(_("%(user)s asked for another e-mail address"), "user", PEOPLE),
    "member.address_change_cancelled": Action(_("%(user)s kept their e-mail address"), "user", PEOPLE),
    "member.address_changed": Action(_("%(user)s changed their e-mail address"), "user", PEOPLE),
    "member.removed": Action(_("Removed %(user)s"), "user", PEOPLE, REMOVED),
    "member.signed_out": Action(_("Signed %(user)s out everywhere"), "user", Group.ACCESS, REMOVED),
    "member.sessions_ended": Action(
        ngettext_lazy(
            "%(user)s signed out on another device", "%(user)s signed out on %(count)d other devices", "count"
        ),
        "user",
        Group.ACCESS,
        Act.SIGNED_IN,
    ),
    "directory.member_added": Action(_("The directory added %(user)s as %(role)s"), "user", PEOPLE, ADDED),
    "directory.member_removed": Action(_("The directory removed %(user)s"), "user", PEOPLE, REMOVED),
    "directory.role_changed": Action(
        _("The directory changed the role of %(user)s from %(former_role)s to %(role)s"), "user", PEOPLE
    ),
    "directory.token_created": Action(_("Created a token for the directory"), "key", PEOPLE, ADDED),
    "directory.token_ended": Action(_("Ended a token of the directory"), "key", PEOPLE, REMOVED),
    "directory.default_role_changed": Action(_("Changed the default role to %(role)s"), "user", PEOPLE),
    "directory.group_mapped": Action(_("Gave the group %(group)s the role %(role)s"), "users", PEOPLE, ADDED),
    "directory.group_unmapped": Action(_("Took the role %(role)s from the group %(group)s"), "users", PEOPLE, REMOVED),
    "member.hours_changed": Action(_("Changed the working hours of %(user)s"), "user", PEOPLE),
    "member.time_zone_changed": Action(_("%(user)s changed their time zone to %(zone)s"), "user", PEOPLE),
    "member.days_off_added": Action(_("Added days off for %(user)s"), "user", PEOPLE, ADDED),
    "member.days_off_removed": Action(_("Removed days off for %(user)s"), "user", PEOPLE, REMOVED),
}


def user_names(ids: Collection[int]) -> Mapping[int, str]:
    return {user.pk: str(user) for user in User.objects.filter(pk__in=ids).only("name", "email")}


def found_users(organization: Organization, words: str) -> QuerySet[User, int]:  # noqa: ARG001
    """The ids of accounts whose name or address has the words. Former members too: the rows are of one organization."""
    return User.objects.filter(found_by(words, "search_key")).order_by().values_list("pk", flat=True)


KINDS = {
    "user": Kind(_("somebody who was erased"), user_names, found_users),
    "email": Kind(_("an erased address")),
}


def role_label(value: object) -> str:
    return str(dict(Membership.Role.choices).get(str(value), value))


def zone_label(name: object) -> str:
    return city(str(name))


LABELS = {"role": role_label, "former_role": role_label, "zone": zone_label}
