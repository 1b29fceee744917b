"""The only door to a tenant's rows.

A view for members is decorated with `member_view`; it then gets an `AccessRequest` whose `.access` says who asks, in
which organization, with which role. Rows are found through `Access.find` and `Access.all`, which start from the
organization: another organization's object does not exist (404). A role that may not is told so (403).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Any, TypeVar, cast

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse

from organizations.models import Membership, Organization, User
from organizations.sessions import ask_to_sign_in

Row = TypeVar("Row", bound=models.Model)
Role = Membership.Role


@dataclass(frozen=True)
class Access:
    """Who asks, where, and as what."""

    organization: Organization
    user: User
    membership: Membership
    # What parts of one page share instead of reading it twice.
    memo: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def is_admin(self) -> bool:
        return self.membership.is_admin

    @property
    def is_recruiter(self) -> bool:
        return self.membership.is_recruiter

    @cached_property
    def admin_names(self) -> list[str]:
        """The organization's admins by name, for sentences that say who can help. One query, when first read."""
        admins = Membership.objects.filter(organization=self.organization, role=Role.ADMIN, user__is_active=True)
        return [str(admin.user) for admin in admins.select_related("user").order_by("user__search_key", "id")]

    def url(self, name: str, **kwargs: str | int) -> str:
        """The address of one of the organization's member pages."""
        return reverse(name, kwargs={"organization": self.organization.slug, **kwargs})

    def all(self, model: type[Row]) -> models.QuerySet[Row]:
        """The organization's rows of a model. The model has a foreign key `organization`."""
        return model._default_manager.filter(organization=self.organization)

    def find(self, model: type[Row], pk: int, *related: str) -> Row:
        """One of the organization's rows, with `related` joined in; 404 when it is another's or gone."""
        row = self.all(model).select_related(*related).filter(pk=pk).first()
        if row is None:
            raise Http404
        return row


class AccessRequest(HttpRequest):
    """What a member view receives: a request whose `access` and `user` are known."""

    access: Access
    user: User


View = Callable[..., HttpResponseBase]


def access_for(user: User, slug: str) -> Access:
    """The user's access to an organization. 404 when there is none: outsiders learn nothing."""
    membership = (
        Membership.objects.select_related("organization", "user").filter(user=user, organization__slug=slug).first()
    )
    if membership is None:
        raise Http404
    return Access(membership.organization, membership.user, membership)


def member_view(*roles: str) -> Callable[[View], View]:
    """Lets members with one of `roles` in (no roles: every member). An admin may whatever a recruiter may.

    A visitor is asked to sign in.
    The decorated view is called with `(request, **kwargs)`; the `organization` slug is taken out of `kwargs`.
    """
    allowed = set(roles) | ({Role.ADMIN.value} if Role.RECRUITER in roles else set())

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, organization: str, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return ask_to_sign_in(request)
            access = access_for(request.user, organization)
            if allowed and access.membership.role not in allowed:
                raise PermissionDenied
            member_request = cast(AccessRequest, request)
            member_request.access = access
            return view(member_request, **kwargs)

        return inner

    return decorate


admin_view = member_view(Role.ADMIN)
recruiter_view = member_view(Role.RECRUITER)
any_member_view = member_view()


def post_only(page: Callable[..., str]) -> Callable[[View], View]:
    """For a member view that changes something and shows nothing: only POST reaches it.

    Opened as a page (a bookmark, a reload, what follows a sign-in) it leads to the one on which its button stands:
    `page` gets what the view gets and returns that address; other methods are refused.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(request: AccessRequest, **kwargs: Any) -> HttpResponseBase:
            if request.method == "GET":
                return HttpResponseRedirect(page(request, **kwargs))
            if request.method != "POST":
                return HttpResponseNotAllowed(["POST"])
            return view(request, **kwargs)

        return inner

    return decorate
