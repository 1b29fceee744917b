"""The directory of a company: Entra, Okta and others, which add and end members of an organization by SCIM 2.0."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organizations.fields import AccountAddressColumn, LineColumn
from organizations.models.accounts import User
from organizations.models.organizations import Membership, Organization


class Directory(models.Model):
    """An organization's settings for people who come from its directory or by single sign-on."""

    organization = models.OneToOneField(
        Organization, on_delete=models.CASCADE, related_name="directory", verbose_name=_("organization")
    )
    default_role = models.CharField(
        _("default role"), max_length=16, choices=Membership.Role.choices, default=Membership.Role.INTERVIEWER
    )

    class Meta:
        verbose_name, verbose_name_plural = _("directory"), _("directories")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.organization}"


class DirectoryToken(models.Model):
    """A bearer token of a directory. Only its hash is stored; `prefix` tells people which one it is."""

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="directory_tokens", verbose_name=_("organization")
    )
    prefix = models.CharField(_("begins with"), max_length=16)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    # A renewed token works until then, so that the directory can be given the new one without a gap.
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("directory token"), _("directory tokens")
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.prefix


class DirectoryUser(models.Model):
    """A person as the directory describes them.

    `membership` is empty while they are deactivated, have not accepted their invitation, or have no address. `content`
    is what the directory wrote, without `id` and `meta`; the columns beside it are for filters.
    """

    scim_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="directory_users", verbose_name=_("organization")
    )
    membership = models.OneToOneField(
        Membership,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="directory_user",
        verbose_name=_("membership"),
    )
    user_name = models.CharField(_("user name"), max_length=254)
    external_id = models.CharField(_("id in the directory"), max_length=254, blank=True)
    email = AccountAddressColumn(_("e-mail"), blank=True)
    name = LineColumn(_("name"), max_length=150, blank=True)
    active = models.BooleanField(_("active"), default=True)
    content = models.JSONField(default=dict, blank=True)
    # Whether the role came from a group: only such a one is taken back when the person leaves the group.
    role_by_group = models.BooleanField(default=False, editable=False)
    # Role and working hours of a membership that ended, for when the person comes back.
    kept = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("directory user"), _("directory users")
        constraints = [
            models.UniqueConstraint("organization", Lower("user_name"), name="directory_user_name_unique"),
        ]
        indexes = [
            models.Index(fields=["organization", "external_id"], name="directory_user_external"),
            models.Index(fields=["organization", "email"], name="directory_user_email"),
        ]
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name or self.user_name


class DirectoryGroup(models.Model):
    """A group of the directory. `GroupRole` says which role its people get."""

    scim_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="directory_groups", verbose_name=_("organization")
    )
    name = LineColumn(_("name"), max_length=254)
    external_id = models.CharField(_("id in the directory"), max_length=254, blank=True)
    people = models.ManyToManyField(DirectoryUser, related_name="groups", blank=True, verbose_name=_("people"))
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("directory group"), _("directory groups")
        indexes = [models.Index(fields=["organization", "name"], name="directory_group_name")]
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class GroupRole(models.Model):
    """The role of a group's people. `group` is its name or, as Entra sends it at sign-in, its id."""

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="group_roles", verbose_name=_("organization")
    )
    group = LineColumn(_("group"), max_length=254)
    role = models.CharField(_("role"), max_length=16, choices=Membership.Role.choices)

    class Meta:
        verbose_name, verbose_name_plural = _("role of a group"), _("roles of groups")
        constraints = [models.UniqueConstraint(fields=["organization", "group"], name="group_role_unique")]
        ordering = ["group", "id"]

    def __str__(self) -> str:
        return self.group


class Domain(models.Model):
    """A domain of mail addresses. Until it is proven (a record in its DNS), it gives the organization no power."""

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="domains", verbose_name=_("organization")
    )
    name = models.CharField(_("domain"), max_length=253)
    token = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    proven_at = models.DateTimeField(_("proven"), null=True, blank=True)
    # A check runs in the background: asked for at, so that the page can show it until `checked_at` is later.
    check_asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    checked_at = models.DateTimeField(_("last checked"), null=True, blank=True)
    problem = models.CharField(max_length=30, blank=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("domain"), _("domains")
        constraints = [models.UniqueConstraint(fields=["organization", "name"], name="domain_unique")]
        indexes = [models.Index(fields=["name"], name="domain_name")]
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name
