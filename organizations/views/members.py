"""The "Members" pages of the settings, and "Your profile"."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.password_change import finalize_password_change
from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext, override
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods
from django_filters import ChoiceFilter

from organizations import address_proofs, invitations, languages, parameters, two_factors
from organizations import members as actions
from organizations.access import AccessRequest, allowed, post_only
from organizations.bidi import isolated
from organizations.filters import ListFilter, OrderFilter, SearchFilter
from organizations.forms import OwnPasswordForm
from organizations.hooks import coordinated_jobs
from organizations.lists import PAGE_SIZE, Column, Sorts
from organizations.mail_server import can_leave
from organizations.models import Invitation, Membership
from organizations.once import once
from organizations.permissions import Permission
from organizations.settings_forms import DaysOffForm, HoursForm, InviteForm, NameForm, RoleForm, ZoneForm

Role = Membership.Role


COLUMNS = {
    "name": Column(_lazy("Name"), ["user__search_key"]),
    "role": Column(_lazy("Role"), ["role", "user__search_key"]),
    "hours": Column(_lazy("Working hours")),
    "joined": Column(_lazy("Joined"), ["created_at"], Sorts.BY_AGE, css="list-late"),
    "actions": Column(_lazy("Actions"), is_named=False, needs=Permission.MANAGE_MEMBERS),
}


class MemberFilter(ListFilter):
    q = SearchFilter("user__search_key", label=_lazy("Search"), max_length=None)
    role = ChoiceFilter(label=_lazy("Role"), choices=Membership.Role.choices, empty_label=_lazy("All roles"))
    order = OrderFilter(COLUMNS, "name")


@allowed(Permission.SEE_SETTINGS)
@require_GET
def members(request: AccessRequest) -> HttpResponse:
    return page(request)


def page(request: AccessRequest, invite_form: InviteForm | None = None) -> HttpResponse:
    """List the members; for admins with open invitations and the form that invites."""
    found = MemberFilter.of(request, request.access.all(Membership).select_related("user"))
    shown = found.page()
    jobs = _jobs_of(request, [row for row in shown.object_list if row.role == Role.COORDINATOR])
    context: dict[str, Any] = {
        "page": shown,
        "listed": [(row, jobs.get(row.pk, "")) for row in shown.object_list],
        "form": found.form,
        "heads": found.heads,
        "admins": request.access.admin_names,
    }
    if request.access.may.manage_members:
        context["invite_form"] = invite_form or InviteForm(organization=request.access.organization)
        context["invitations"] = _open_invitations(request)
        context["has_mail_server"] = can_leave()
        context["unproven"] = address_proofs.unproven([member.user_id for member in shown.object_list])
    return render(request, "organizations/settings_members.html", context)


def _jobs_of(request: AccessRequest, people: list[Membership] | list[Invitation]) -> dict[int, str]:
    """Titles of the jobs of coordinators, by their ids. A coordinator sees their own titles alone."""
    mine = request.access.membership.pk if request.access.is_limited else None
    found = coordinated_jobs.of(people)
    return {pk: ", ".join(job.title for job in jobs) for pk, jobs in found.items() if mine in {None, pk}}


def _open_invitations(request: AccessRequest) -> list[dict[str, Any]]:
    rows = request.access.all(Invitation).filter(accepted_at__isnull=True).order_by("-created_at", "-pk")
    now, senders, is_by_hand = timezone.now(), invitations.senders(request.access.organization), not can_leave()
    shown = list(rows[:PAGE_SIZE])
    jobs = _jobs_of(request, [row for row in shown if row.role == Role.COORDINATOR])
    return [
        {
            "invitation": row,
            "jobs": jobs.get(row.pk, ""),
            "is_expired": row.expires_at <= now,
            "works": row.expires_at > now
            and (row.by_directory or row.invited_by_id in senders)
            and bool(invitations.link(row)),
            "link": invitations.handed_link(row) if is_by_hand else "",
        }
        for row in shown
    ]


def _editable(request: AccessRequest, pk: int) -> Membership:
    """A member that the user may edit: anyone for an admin, else only themselves (403)."""
    membership = request.access.find(Membership, pk, "user", "organization")
    if not request.access.may.manage_members and membership.pk != request.access.membership.pk:
        raise PermissionDenied
    return membership


@allowed(Permission.MANAGE_MEMBERS)
@require_GET
def member(request: AccessRequest, pk: int) -> HttpResponse:
    return member_page(request, request.access.find(Membership, pk, "user", "organization"))


def member_page(request: AccessRequest, membership: Membership, **forms: Any) -> HttpResponse:
    """Show a member to an admin; `forms` replaces the forms that have errors."""
    context = _availability(membership) | {
        "role_form": RoleForm.of(membership),
        "has_second_step": two_factors.is_set_up(membership.user),
    }
    context |= forms
    return render(request, "organizations/settings_member.html", context)


@allowed(Permission.OWN_PROFILE)
@require_GET
def profile(request: AccessRequest) -> HttpResponse:
    return profile_page(request)


def profile_page(request: AccessRequest, **forms: Any) -> HttpResponse:
    """Show "Your profile"; `forms` replaces the forms that have errors."""
    context = _availability(request.access.membership) | {
        "name_form": NameForm(instance=request.user),
        "zone_form": ZoneForm(instance=request.access.user),
        "password_form": OwnPasswordForm(user=request.user),
        "is_unproven": can_leave() and bool(address_proofs.unproven([request.user.pk])),
    }
    return render(request, "organizations/settings_profile.html", context | forms)


def _availability(membership: Membership) -> dict[str, Any]:
    return {
        "member": membership,
        "hours_form": HoursForm.of(membership),
        "days_off_form": DaysOffForm(),
        "days_off": actions.days_off(membership),
    }


def _page_of(request: AccessRequest, membership: Membership, **forms: Any) -> HttpResponse:
    """Show the page that a form was sent from, with the form's errors."""
    if request.POST.get("from") == "profile":
        return profile_page(request, **forms)
    if request.access.may.manage_members:
        return member_page(request, membership, **forms)
    return profile_page(request, **forms)


def _back(request: AccessRequest, membership: Membership) -> HttpResponse:
    slug = request.access.organization.slug
    if request.POST.get("from") == "profile" or not request.access.may.manage_members:
        return redirect("settings-profile", organization=slug)
    return redirect("settings-member", organization=slug, pk=membership.pk)


def _profile(request: AccessRequest) -> str:
    return request.access.url("settings-profile")


def _page_with(request: AccessRequest, pk: int) -> str:
    """The page with a member's forms: the admin's page of a member, or "Your profile"."""
    membership = request.access.find(Membership, pk)
    if request.access.may.manage_members:
        return request.access.url("settings-member", pk=membership.pk)
    return _profile(request)


@allowed(Permission.OWN_PROFILE)
@post_only(_page_with)
def hours(request: AccessRequest, pk: int) -> HttpResponse:
    membership = _editable(request, pk)
    form = HoursForm(request.POST)
    if not form.is_valid():
        return _page_of(request, membership, hours_form=form)
    actions.save_hours(membership=membership, actor=request.user, **form.cleaned_data)
    messages.success(request, _("Working hours saved."))
    return _back(request, membership)


@allowed(Permission.OWN_PROFILE)
@post_only(_page_with)
@once
def add_days_off(request: AccessRequest, pk: int) -> HttpResponse:
    membership = _editable(request, pk)
    form = DaysOffForm(request.POST)
    if not form.is_valid():
        return _page_of(request, membership, days_off_form=form)
    new = actions.add_days_off(membership=membership, actor=request.user, **form.cleaned_data)
    messages.success(request, ngettext("%(count)d day off added.", "%(count)d days off added.", new) % {"count": new})
    return _back(request, membership)


@allowed(Permission.OWN_PROFILE)
@post_only(_page_with)
def remove_days_off(request: AccessRequest, pk: int) -> HttpResponse:
    membership = _editable(request, pk)
    first, last = (parameters.day(request.POST.get(name)) for name in ("first", "last"))
    if first is None or last is None:
        raise Http404
    actions.remove_days_off(membership=membership, first_day=first, last_day=last, actor=request.user)
    messages.success(request, _("Days off removed."))
    return _back(request, membership)


@allowed(Permission.MANAGE_MEMBERS)
@post_only(_page_with)
def role(request: AccessRequest, pk: int) -> HttpResponse:
    membership = request.access.find(Membership, pk, "user", "organization")
    form = RoleForm(request.POST, organization=request.access.organization)
    if not form.is_valid():
        return member_page(request, membership, role_form=form)
    try:
        actions.change_role(membership=membership, actor=request.user, **form.cleaned_data)
    except actions.LastAdmin:
        form.add_error("role", _("This is the last admin. Make another member an admin first."))
        return member_page(request, membership, role_form=form)
    messages.success(request, _("Role saved."))
    if membership.pk == request.access.membership.pk and form.cleaned_data["role"] != Membership.Role.ADMIN:
        return redirect("settings-profile", organization=request.access.organization.slug)
    return _back(request, membership)


@allowed(Permission.MANAGE_MEMBERS)
@require_http_methods(["GET", "POST"])
def remove(request: AccessRequest, pk: int) -> HttpResponse:
    """Ask in a dialog (GET), then remove the member (POST)."""
    membership = request.access.find(Membership, pk, "user", "organization")
    slug = request.access.organization.slug
    if request.method == "GET":
        return render(request, "organizations/settings_member_remove.html", {"member": membership})
    try:
        actions.remove_member(membership=membership, actor=request.user)
    except actions.LastAdmin:
        messages.error(request, _("This is the last admin. Make another member an admin first."))
        return redirect("settings-member", organization=slug, pk=pk)
    messages.success(request, _("%(name)s removed.") % {"name": isolated(membership.user)})
    if membership.user_id == request.user.pk:
        if not request.user.sessions.exists():
            logout(request)
        return redirect("start")
    return redirect("settings-members", organization=slug)


@allowed(Permission.OWN_PROFILE)
@post_only(_profile)
def name(request: AccessRequest) -> HttpResponse:
    form = NameForm(request.POST, instance=request.access.user)
    if not form.is_valid():
        return profile_page(request, name_form=form)
    if form.has_changed():
        actions.save_name(user=form.save(commit=False), changed=form.changed_data)
    with override(languages.of_reader(request, form.instance)):
        messages.success(request, _("Profile saved."))
    return redirect("settings-profile", organization=request.access.organization.slug)


@allowed(Permission.OWN_PROFILE)
@post_only(_profile)
def time_zone(request: AccessRequest) -> HttpResponse:
    form = ZoneForm(request.POST, instance=request.access.user)
    if not form.is_valid():
        return profile_page(request, zone_form=form)
    actions.save_time_zone(user=request.user, time_zone=form.cleaned_data["time_zone"])
    messages.success(request, _("Time zone saved."))
    return redirect("settings-profile", organization=request.access.organization.slug)


@sensitive_post_parameters()
@allowed(Permission.OWN_PROFILE)
@post_only(_profile)
def password(request: AccessRequest) -> HttpResponse:
    form = OwnPasswordForm(user=request.user, data=request.POST)
    if not form.is_valid():
        return profile_page(request, password_form=form)
    form.save()
    finalize_password_change(request, request.user)
    return redirect("settings-profile", organization=request.access.organization.slug)
