"""The only way to a tenant's rows.

A member view is decorated with `allowed`, which names the permission that it needs, and gets an `AccessRequest`, whose
`.access` is the user, organization and role. Rows come from `Access.find` and `Access.all`, which start from the
organization: another organization's object is a 404. A role without the permission is a 403; `permissions.py` has the
table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, lru_cache, wraps
from typing import Any, Final, TypeVar, cast

import structlog
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import get_script_prefix, reverse

from organizations import two_factors
from organizations.compiled import Compiled
from organizations.hooks.job_limits import LIMITS
from organizations.hooks.marks import MARKS
from organizations.models import Membership, Organization, User
from organizations.parameters import BIGGEST
from organizations.permissions import LIMITED_TO_JOBS, Permission, Rights, rights_of
from organizations.sessions import ask_to_sign_in
from organizations.single_sign_on import gate

ModelT = TypeVar("ModelT", bound=models.Model)
Role = Membership.Role
#: The name in `Access.memo` under which a page that reads more of the organization leaves its admins' names.
ADMIN_NAMES = "admin_names"


def admins_of(organization: Organization) -> models.QuerySet[Membership]:
    """The organization's admins who can sign in."""
    return Membership.objects.filter(organization=organization, role=Role.ADMIN, user__is_active=True)


@dataclass(frozen=True)
class Access:
    """A user's access to an organization, with the rights of the role they have there."""

    organization: Organization
    user: User
    membership: Membership
    is_interviewing: bool = False
    # Values that several parts of one page share instead of reading them twice.
    memo: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def may(self) -> Rights:
        """The permissions of the reader's role: `access.may.change_schedules`."""
        return rights_of(self.role)

    @property
    def admin_names(self) -> list[str]:
        """Names of the organization's admins, for messages that say whom to ask. One query, when first read."""
        if ADMIN_NAMES not in self.memo:
            admins = admins_of(self.organization).select_related("user").order_by("user__search_key", "id")
            self.memo[ADMIN_NAMES] = [str(admin.user) for admin in admins]
        names: list[str] = self.memo[ADMIN_NAMES]
        return names

    @cached_property
    def memberships(self) -> list[Membership]:
        """The reader's memberships in all their organizations, by name; one query for those who have several."""
        if not getattr(self.membership, "has_other_organizations", False):
            return [self.membership]
        rows = Membership.objects.select_related("organization").filter(user=self.user)
        return [row for row in rows.order_by("organization__name", "id") if not row.organization.is_closed]

    def url(self, name: str, **kwargs: str | int) -> str:
        """Address of a member page of the organization."""
        numbers = {key: value for key, value in kwargs.items() if isinstance(value, int)}
        words = tuple((key, value) for key, value in kwargs.items() if key not in numbers)
        address = _address(get_script_prefix(), self.organization.slug, name, words, tuple(numbers))
        for place, number in enumerate(numbers.values()):
            address = address.replace(str(_SAMPLE + place), str(number))
        return address

    def addresses(self, name: str, **kwargs: str) -> Callable[[int], str]:
        """A function for the address of a row's page by its id: for lists, where looking up each would take long."""
        before, after = self.url(name, pk=_SAMPLE, **kwargs).rsplit(str(_SAMPLE), 1)
        return lambda pk: f"{before}{pk}{after}"

    @property
    def role(self) -> str:
        return Role.INTERVIEWER if self.is_interviewing else self.membership.role

    @property
    def is_limited(self) -> bool:
        """Whether the reader has the rows of some jobs only."""
        return self.role in LIMITED_TO_JOBS

    def as_interviewer(self) -> Access:
        """The same reader where they only interview: a coordinator in an interview of another job."""
        return replace(self, is_interviewing=True, memo={})

    def all(self, model: type[ModelT]) -> models.QuerySet[ModelT]:
        """The rows of a model that the reader may see. It has a foreign key `organization`.

        A coordinator has those of their jobs; none of a model for which no limit is written down.
        """
        rows = self.whole(model)
        if not self.is_limited:
            return rows
        limit = LIMITS.get(model)
        return rows.filter(limit(self.membership)) if limit is not None else rows.none()

    def whole(self, model: type[ModelT]) -> models.QuerySet[ModelT]:
        """The whole organization's rows of a model, also those of jobs that the reader has no part in.

        For what has to hold for everybody, such as busy times, and for rows of objects that were already found by
        `all`. Nothing of another job's row may be shown.
        """
        return model._default_manager.filter(organization=self.organization)

    def find(self, model: type[ModelT], pk: int, *related: str) -> ModelT:
        """One of the reader's rows, with `related` joined in. Raises Http404 when it is another's or gone."""
        found = _found(model, related, self.role).all(self.organization.pk, self.membership.pk, pk)
        if not found:
            raise Http404
        return cast(ModelT, found[0])


# Each page begins with it: put together once for each kind of row and role.
@cache
def _found(model: type[models.Model], related: tuple[str, ...], role: str) -> Compiled[models.Model]:
    def build(organization: int, membership: int, pk: int) -> models.QuerySet[models.Model]:
        return somebody(role, organization, membership).all(model).select_related(*related).filter(pk=pk).order_by()

    return Compiled(build, int, int, int)


def somebody(role: str, organization: int, membership: int) -> Access:
    """A reader of whom nothing is known but the role. To read more of these rows fails: there are none."""
    return Access(
        Organization.from_db("default", ["id"], [organization]),
        User.from_db("default", ["id"], [0]),
        Membership.from_db("default", ["id", "role"], [membership, role]),
    )


#: Ids from here on are those of no row.
_SAMPLE: Final = 10**12


# A page has a hundred addresses of a few pages. Django looks each of them up among all there are.
@lru_cache(maxsize=2000)
def _address(
    prefix: str,  # noqa: ARG001 - what addresses begin with
    slug: str,
    name: str,
    words: tuple[tuple[str, str | int], ...],
    numbers: tuple[str, ...],
) -> str:
    """Address of a page with `_SAMPLE` and the numbers after it in place of its ids."""
    samples = {key: _SAMPLE + place for place, key in enumerate(numbers)}
    return reverse(name, kwargs={"organization": slug, **dict(words), **samples})


class AccessRequest(HttpRequest):
    """The request of a member view: signed in, with `access`."""

    access: Access
    user: User


View = Callable[..., HttpResponseBase]

#: Methods that change nothing.
READING = frozenset({"GET", "HEAD", "OPTIONS"})
#: The attribute in which a decorated view tells the permissions that it needs: to read, and to change something.
NEEDS = "permissions_needed"


def _memberships(user: int, slug: str) -> models.QuerySet[Membership]:
    return (
        Membership.objects.select_related("organization__identity_provider")
        .annotate(
            has_second_step=two_factors.has_second_step(user),
            # For the link by which people of several organizations change between them.
            has_other_organizations=Exists(
                Membership.objects.filter(user=user).exclude(organization=OuterRef("organization"))
            ),
            **MARKS,
        )
        .filter(user=user, organization__slug=slug)[:1]
    )


_MEMBERSHIP: Final = Compiled(_memberships, int, str)


def access_for(user: User, slug: str) -> Access:
    """A user's access to an organization. Raises Http404 when they are no member: outsiders learn nothing."""
    membership = _MEMBERSHIP.first(user.pk, slug)
    if membership is None:
        raise Http404
    membership.user = user  # the request has read that row already
    return Access(membership.organization, user, membership)


def allowed(needed: Permission, *, to_change: Permission | None = None) -> Callable[[View], View]:
    """Decorate a view for members whose role has the permission that is `needed`; a 403 for others.

    A page that more people read than change names the permission of its POST as `to_change`. Visitors are asked to
    sign in. The view is called with `(request, **kwargs)`, without the `organization` slug.
    """
    changing = to_change or needed

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, organization: str, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return ask_to_sign_in(request)
            access = access_for(request.user, organization)
            structlog.contextvars.bind_contextvars(organization=access.organization.pk)
            if access.organization.is_closed:
                return gate.show_closed(request, access.organization)
            if gate.is_closed(request, access.membership):
                return gate.show_door(request, access.organization)
            if gate.is_by_provider(request, access.membership):
                two_factors.count_as_set_up(access.membership)
            if two_factors.is_due(access.membership):
                return two_factors.lead_to_set_up(request)
            if (needed if request.method in READING else changing) not in access.may:
                raise PermissionDenied
            if any(isinstance(value, int) and value > BIGGEST for value in kwargs.values()):
                raise Http404  # no row has such an id, and not every database takes it in a query
            member_request = cast(AccessRequest, request)
            member_request.access = access
            return view(member_request, **kwargs)

        setattr(inner, NEEDS, (needed, changing))
        return inner

    return decorate


def post_only(page: Callable[..., str]) -> Callable[[View], View]:
    """Decorate a member view that changes something and shows nothing: only POST reaches it.

    GET (a bookmark, a reload, a sign-in before it) redirects to the page with its button: `page` gets the view's
    arguments and returns that address. Other methods are answered with 405.
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
