"""The site of the Django admin: the product's name, one way in, and models grouped by what a supporter does."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import TYPE_CHECKING, Any, cast

from allauth.account.adapter import get_adapter
from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from organizations.two_factors import is_set_up, lead_to_set_up

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Section(StrEnum):
    """The groups of the admin's index, in their order. A model's admin names its own in `section`."""

    PEOPLE = "people"
    ORGANIZATIONS = "organizations"
    INTERVIEWS = "interviews"
    LINKS = "links"
    CALENDARS = "calendars"
    MESSAGES = "messages"
    DIAGNOSTICS = "diagnostics"


SECTIONS: dict[Section, StrOrPromise] = {
    Section.PEOPLE: _("People"),
    Section.ORGANIZATIONS: _("Organizations"),
    Section.INTERVIEWS: _("Interviews"),
    Section.LINKS: _("Links and integrations"),
    Section.CALENDARS: _("Calendars"),
    Section.MESSAGES: _("Messages"),
    Section.DIAGNOSTICS: _("Diagnostics"),
}


class OwnPasswordForm(AdminPasswordChangeForm):
    """The admin's form for one's own password. Wrong present ones count as wrong sign-ins do."""

    def clean_old_password(self) -> str:
        password = str(self.cleaned_data["old_password"])
        if not get_adapter().reauthenticate(self.user, password):
            raise get_adapter().validation_error("enter_current_password")
        return password


class PanelistAdminSite(admin.AdminSite):
    """`admin.site` of this project: see `config/admin_app.py`."""

    site_header = site_title = "Panelist"
    index_title = _("Support")

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        # One way in, with its limits and second step. A member who may not use the admin gets a 403.
        self.login = secure_admin_login(self.login)  # type: ignore[method-assign]

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Lead users of the admin who have no second step to the page where they set one up (`ADMIN_SECOND_STEP`)."""
        inner: Callable[..., HttpResponseBase] = super().admin_view(view, cacheable)

        @wraps(inner)
        def outer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if settings.ADMIN_SECOND_STEP and self.has_permission(request) and not is_set_up(request.user):
                return lead_to_set_up(request)
            return inner(request, *args, **kwargs)

        return outer

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        view = PasswordChangeView.as_view(
            form_class=OwnPasswordForm,
            success_url=reverse("admin:password_change_done"),
            extra_context=self.each_context(request) | (extra_context or {}),
        )
        return cast(TemplateResponse, view(request))

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The models that the reader may see, by `Section`. One app (`app_label`) is listed as Django does."""
        if app_label is not None:
            return super().get_app_list(request, app_label)
        entries = [entry for app in self._build_app_dict(request).values() for entry in app["models"]]
        entries.sort(key=lambda entry: str(entry["name"]))
        index = reverse("admin:index", current_app=self.name)
        sections = [
            {
                "name": name,
                "app_label": section.value,
                "app_url": f"{index}#{section.value}",
                "has_module_perms": True,
                "models": [entry for entry in entries if self.section_of(entry["model"]) == section],
            }
            for section, name in SECTIONS.items()
        ]
        return [section for section in sections if section["models"]]

    def section_of(self, model: Any) -> Section:
        """The section of a registered model. One that names none is plumbing."""
        return getattr(self._registry[model], "section", Section.DIAGNOSTICS)
