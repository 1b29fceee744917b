"""Sentences of the audit trail about accounts, members and the organization."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from organizations.hooks.trail import Act, Action, Group, Kind
from organizations.models import Membership, Organization, User
from organizations.search import found_by
from organizations.zones import city

PEOPLE, ADDED, REMOVED = Group.PEOPLE, Act.ADDED, Act.REMOVED

ACCESS, ADMIN = Group.ACCESS, Group.ADMIN
OUT = ngettext_lazy("%(user)s signed out on another device", "%(user)s signed out on %(count)d other devices", "count")

ACTIONS = {
    "account.signed_in": Action(_("%(user)s signed in: %(browser)s, %(place)s"), "user", ACCESS, Act.SIGNED_IN),
    "account.sign_in_failed": Action(
        _("Wrong password for %(user)s: %(browser)s, %(place)s"),
        "alert-triangle",
        ACCESS,
        Act.FAILED,
        unknown_actor=_("Not signed in"),
    ),
    "account.signed_out": Action(_("%(user)s signed out"), "logout", ACCESS, Act.SIGNED_IN),
    "account.data_downloaded": Action(_("%(user)s downloaded what is held on them"), "download", ACCESS, Act.DISCLOSED),
    "account.password_changed": Action(_("%(user)s changed their password"), "lock", ACCESS),
    "account.password_reset": Action(_("%(user)s chose a new password by e-mail"), "lock", ACCESS),
    "account.factor_added": Action(_("%(user)s added a second step: %(factor)s"), "lock", ACCESS, ADDED),
    "account.factor_removed": Action(_("%(user)s removed a second step: %(factor)s"), "lock", ACCESS, REMOVED),
    "account.factor_renewed": Action(_("%(user)s renewed a second step: %(factor)s"), "lock", ACCESS),
    "admin.added": Action(_("Django admin: added %(model)s %(number)s"), "settings", ADMIN, ADDED),
    "admin.changed": Action(_("Django admin: changed %(model)s %(number)s: %(fields)s"), "settings", ADMIN),
    "admin.removed": Action(_("Django admin: deleted %(model)s %(number)s"), "settings", ADMIN, REMOVED),
    "admin.member_added": Action(_("Django admin: added %(user)s as a member"), "settings", ADMIN, ADDED),
    "admin.member_changed": Action(
        _("Django admin: changed the membership of %(user)s: %(fields)s"), "settings", ADMIN
    ),
    "admin.member_removed": Action(
        _("Django admin: removed %(user)s from the organization"), "settings", ADMIN, REMOVED, is_permanent=True
    ),
    "admin.account_added": Action(_("Django admin: added %(model)s of %(user)s"), "settings", ADMIN, ADDED),
    "admin.account_changed": Action(_("Django admin: changed %(model)s of %(user)s: %(fields)s"), "settings", ADMIN),
    "admin.account_removed": Action(_("Django admin: deleted %(model)s of %(user)s"), "settings", ADMIN, REMOVED),
    "admin.account_erased": Action(_("Django admin: deleted the account of %(user)s"), "settings", ADMIN, REMOVED),
    "organization.created": Action(
        _("Set up the organization with %(user)s as its first admin"), "building", PEOPLE, ADDED
    ),
    "organization.changed": Action(_("Changed the organization's settings"), "building", PEOPLE),
    "organization.logo_changed": Action(_("Uploaded a logo"), "building", PEOPLE),
    "organization.logo_removed": Action(_("Removed the logo"), "building", PEOPLE, REMOVED),
    "organization.deletion_planned": Action(
        _("Planned the deletion of the organization on %(day)s"), "trash", PEOPLE, REMOVED
    ),
    "organization.deletion_called_off": Action(_("Called the deletion of the organization off"), "building", PEOPLE),
    "organization.restored": Action(_("Restored from a backup of %(moment)s"), "history", PEOPLE),
    "organization.trail_exported": Action(
        ngettext_lazy("Exported %(count)d row of this list", "Exported %(count)d rows of this list", "count"),
        "download",
        ACCESS,
        Act.DISCLOSED,
    ),
    "organization.trail_period_changed": Action(
        _("Changed how long this list is kept: %(former_months)s → %(months)s"), "history", PEOPLE
    ),
    "organization.second_step_changed": Action(_("Changed who needs two-step sign-in to: %(whom)s"), "lock", PEOPLE),
    "member.second_step_taken_off": Action(
        _("Took the second step of signing in off %(user)s"), "user", ACCESS, REMOVED
    ),
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
    "member.removed": Action(_("Removed %(user)s"), "user", PEOPLE, REMOVED, is_permanent=True),
    "member.data_exported": Action(_("Downloaded what is held on %(user)s"), "download", PEOPLE, Act.DISCLOSED),
    "member.forgotten": Action(
        _("Deleted what was held on a former member"), "user", PEOPLE, REMOVED, is_permanent=True
    ),
    "member.erased": Action(_("%(user)s deleted their account"), "user", PEOPLE, REMOVED),
    "member.password_guessed": Action(
        _("Many wrong passwords were tried for %(user)s from different places"),
        "alert-triangle",
        Group.ACCESS,
        Act.FAILED,
    ),
    "member.signed_out": Action(_("Signed %(user)s out everywhere"), "user", Group.ACCESS, REMOVED),
    "member.sessions_ended": Action(OUT, "user", ACCESS, Act.SIGNED_IN),
    "directory.member_added": Action(_("The directory added %(user)s as %(role)s"), "user", PEOPLE, ADDED),
    "directory.member_removed": Action(_("The directory removed %(user)s"), "user", PEOPLE, REMOVED, is_permanent=True),
    "directory.role_changed": Action(
        _("The directory changed the role of %(user)s from %(former_role)s to %(role)s"), "user", PEOPLE
    ),
    "domain.added": Action(_("Added the domain %(domain)s"), "lock-open", PEOPLE, ADDED),
    "domain.proven": Action(_("The domain %(domain)s was proven"), "lock-open", PEOPLE),
    "domain.removed": Action(_("Removed the domain %(domain)s"), "lock-open", PEOPLE, REMOVED),
    "single_sign_on.saved": Action(_("Set up single sign-on with %(issuer)s"), "lock-open", PEOPLE),
    "single_sign_on.removed": Action(_("Removed single sign-on with %(issuer)s"), "lock-open", PEOPLE, REMOVED),
    "single_sign_on.required": Action(_("Required single sign-on, except of %(user)s"), "lock-open", PEOPLE),
    "single_sign_on.optional": Action(_("Allowed passwords beside single sign-on"), "lock-open", PEOPLE),
    "directory.token_created": Action(_("Created a token for the directory"), "key", PEOPLE, ADDED),
    "directory.token_ended": Action(_("Ended a token of the directory"), "key", PEOPLE, REMOVED),
    "directory.default_role_changed": Action(_("Changed the default role to %(role)s"), "user", PEOPLE),
    "directory.group_mapped": Action(_("Gave the group %(group)s the role %(role)s"), "users", PEOPLE, ADDED),
    "directory.group_unmapped": Action(_("Took the role %(role)s from the group %(group)s"), "users", PEOPLE, REMOVED),
    "member.hours_changed": Action(_("Changed the working hours of %(user)s"), "user", PEOPLE),
    "member.renamed": Action(_("%(user)s changed their name"), "user", PEOPLE),
    "member.video_room_changed": Action(_("%(user)s changed their video room"), "user", PEOPLE),
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
    "place": Kind(_("unknown network")),
    "browser": Kind(_("unknown browser")),
}


def role_label(value: object) -> str:
    return str(dict(Membership.Role.choices).get(str(value), value))


def zone_label(name: object) -> str:
    return city(str(name))


def model_label(label: object) -> str:
    """The readable name of a model, such as "day off"; its label where the model is gone."""
    try:
        return str(apps.get_model(str(label))._meta.verbose_name)
    except (LookupError, ValueError):
        return str(label)


def fields_label(names: object) -> str:
    return ", ".join(str(name) for name in names) if isinstance(names, list) else ""


def factor_label(factor: object) -> str:
    return str(dict(Authenticator.Type.choices).get(str(factor), factor))


def months_label(months: object) -> str:
    return str(dict(Organization.TrailPeriod.choices).get(months if isinstance(months, int) else 0, months))


def second_step_label(value: object) -> str:
    return str(dict(Organization.SecondStep.choices).get(str(value), value))


LABELS = {
    "whom": second_step_label,
    "months": months_label,
    "former_months": months_label,
    "model": model_label,
    "fields": fields_label,
    "factor": factor_label,
    "role": role_label,
    "former_role": role_label,
    "zone": zone_label,
}
