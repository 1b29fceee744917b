"""The "Members" pages of the settings, and "Your profile"."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.password_change import finalize_password_change
from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
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
from organizations.drawn_members import drawn_members
from organizations.filters import ListFilter, OrderFilter, SearchFilter
from organizations.forms import OwnPasswordForm
from organizations.holiday_fields import asked_place
from organizations.hooks import coordinated_jobs
from organizations.lists import PAGE_SIZE, Column, Sorts, plain_heads
from organizations.mail_server import can_leave
from organizations.models import Invitation, Membership
from organizations.once import once
from organizations.permissions import Permission
from organizations.row_choices import answer_options
from organizations.settings_forms import DaysOffForm, HoursForm, InviteForm, NameForm, RoleForm, ZoneForm

Role = Membership.Role


COLUMNS = {
    "name": Column(_lazy("Name"), ["user__search_key"]),
    "role": Column(_lazy("Role"), ["role", "user__search_key"]),
    "hours": Column(_lazy("Working hours")),
    "joined": Column(_lazy("Joined"), ["created_at"], Sorts.BY_AGE, css="list-late"),
    "actions": Column(_lazy("Actions"), is_named=False, needs=Permission.MANAGE_MEMBERS),
}


INVITATION_COLUMNS = {
    "email": Column(_lazy("E-mail")),
    "role": Column(_lazy("Role")),
    "state": Column(_lazy("State")),
    "actions": Column(_lazy("Actions"), is_named=False),
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
    lines = [(row, jobs.get(row.pk, "")) for row in shown.object_list]
    manages = request.access.may.manage_members
    unproven = address_proofs.unproven([row.user_id for row in shown.object_list]) if manages else set()
    context: dict[str, Any] = {
        "page": shown,
        "listed": lines,
        "drawn": drawn_members(request.access, lines, unproven=unproven),
        "form": found.form,
        "heads": found.heads,
        "admins": request.access.admin_names,
    }
    if manages:
        context["invite_form"] = invite_form or InviteForm(organization=request.access.organization)
        context["invitations"] = _open_invitations(request)
        context["invitation_heads"] = plain_heads(INVITATION_COLUMNS)
        context["has_mail_server"] = can_leave()
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
@require_http_methods(["GET", "POST"])
def member(request: AccessRequest, pk: int) -> HttpResponse:
    """Show a member to an admin, or save the member's role and working hours together."""
    membership = request.access.find(Membership, pk, "user", "organization")
    if request.method == "GET":
        return answer_options(request, HoursForm.of(membership)) or member_page(request, membership)
    role, hours = RoleForm.of(membership, request.POST), HoursForm.of(membership, request.POST)
    if not (role.is_valid() and hours.is_valid()):
        return member_page(request, membership, role_form=role, hours_form=hours)
    try:
        actions.save_member(
            membership=membership,
            hours=hours.cleaned_data if hours.has_changed() else None,
            actor=request.user,
            **role.cleaned_data,
        )
    except actions.LastAdmin:
        role.add_error("role", _("This is the last admin. Make another member an admin first."))
        return member_page(request, membership, role_form=role, hours_form=hours)
    messages.success(request, _("Member saved."))
    if membership.pk == request.access.membership.pk and role.cleaned_data["role"] != Role.ADMIN:
        return redirect("settings-profile", organization=request.access.organization.slug)
    return redirect("settings-member", organization=request.access.organization.slug, pk=membership.pk)


def member_page(request: AccessRequest, membership: Membership, **forms: Any) -> HttpResponse:
    """Show a member to an admin; `forms` replaces the forms that have errors."""
    context: dict[str, Any] = {
        "member": membership,
        "hours_form": HoursForm.of(membership, asked=asked_place(request)),
        "role_form": RoleForm.of(membership),
        "has_second_step": two_factors.is_set_up(membership.user),
        "has_errors": "role_form" in forms,
        **_days_off(membership),
    }
    return render(request, "organizations/settings_member.html", context | forms)


@allowed(Permission.OWN_PROFILE)
@require_http_methods(["GET", "POST"])
def profile(request: AccessRequest) -> HttpResponse:
    """Show one's own profile, or save its name, language, time zone and working hours together."""
    if request.method == "GET":
        return answer_options(request, HoursForm.of(request.access.membership)) or profile_page(request)
    forms = _profile_forms(request, request.POST)
    if not all(form.is_valid() for form in forms.values()):
        return profile_page(request, **forms)
    name, hours = forms["name_form"], forms["hours_form"]
    actions.save_profile(
        membership=request.access.membership,
        user=name.save(commit=False),
        named=name.changed_data,
        time_zone=forms["zone_form"].cleaned_data["time_zone"],
        hours=hours.cleaned_data if hours.has_changed() else None,
    )
    with override(languages.of_reader(request, name.instance)):
        messages.success(request, _("Profile saved."))
    return redirect("settings-profile", organization=request.access.organization.slug)


def profile_page(request: AccessRequest, **forms: Any) -> HttpResponse:
    """Show "Your profile"; `forms` replaces the forms that have errors."""
    membership = request.access.membership
    context: dict[str, Any] = {
        "member": membership,
        **_profile_forms(request),
        **_days_off(membership),
        "is_unproven": can_leave() and bool(address_proofs.unproven([request.user.pk])),
        "has_errors": "name_form" in forms,
    }
    context |= forms
    saved = [form for name, form in context.items() if name in PROFILE_FORMS]
    return render(
        request, "organizations/settings_profile.html", context | {"has_errors": any(f.errors for f in saved)}
    )


PROFILE_FORMS = ("name_form", "zone_form", "hours_form")


def _profile_forms(request: AccessRequest, data: QueryDict | None = None) -> dict[str, Any]:
    """The three forms that one button saves. Those that are filled in change the account that `access` has read."""
    user = request.access.user if data is not None else request.user
    return {
        "name_form": NameForm(data, instance=user),
        "zone_form": ZoneForm(data, instance=user),
        "hours_form": HoursForm.of(request.access.membership, data, asked_place(request)),
    }


def _days_off(membership: Membership) -> dict[str, Any]:
    return {"days_off_form": DaysOffForm(), "days_off": actions.days_off(membership)}


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


def _page_with(request: AccessRequest, pk: int) -> str:
    """The page with a member's forms: the admin's page of a member, or "Your profile"."""
    membership = request.access.find(Membership, pk)
    if request.access.may.manage_members:
        return request.access.url("settings-member", pk=membership.pk)
    return request.access.url("settings-profile")


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


@sensitive_post_parameters()
@allowed(Permission.OWN_PROFILE)
@require_http_methods(["GET", "POST"])
def password(request: AccessRequest) -> HttpResponse:
    """Change one's own password; without one, say how to get one."""
    form = OwnPasswordForm(user=request.user, data=request.POST if request.method == "POST" else None)
    if request.method == "GET" or not form.is_valid():
        return render(request, "organizations/settings_password.html", {"form": form})
    form.save()
    finalize_password_change(request, request.user)
    return redirect("settings-profile", organization=request.access.organization.slug)
