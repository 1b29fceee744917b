"""The addresses that directories call: `/scim/v2/...`, with a bearer token that tells the organization.

Every answer is SCIM's, errors too, so that a directory can say what is wrong. Other organizations' rows do not exist.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from pydantic import ValidationError
from scim2_models import (
    Context,
    Error,
    InvalidSyntaxException,
    InvalidValueException,
    NotFoundException,
    NotImplementedException,
    PatchOp,
    PayloadTooLargeException,
    PreconditionFailedException,
    ResponseParameters,
    SCIMException,
    UnauthorizedException,
)

from organizations import limits, members, parameters
from organizations.directory import resources, shapes, tokens
from organizations.directory.filters import filtered
from organizations.directory.resources import Kind, Row
from organizations.models import Organization
from organizations.parameters import whole_number

MEDIA_TYPE = "application/scim+json"
#: A group of 10,000 people fits.
LARGEST_BODY = 2_000_000
#: Operations of one PATCH; Entra sends at most some hundred.
MOST_OPERATIONS = 1000
LAST_ADMIN = "This person is the organization's last admin. Make somebody else an admin in Panelist first."
CLOSED = "This organization is being deleted in Panelist. Take it off your directory."


class MethodNotAllowed(SCIMException):
    """The address is there, but not for this method."""

    status = 405
    _default_detail = "This address does not take this method."

    def __init__(self, allowed: str) -> None:
        super().__init__()
        self.allowed = allowed


@csrf_exempt
@never_cache
def scim(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Answer a directory."""
    try:
        with shapes.PROVIDER:
            return _answer(request, rest)
    except SCIMException as problem:
        response = _error(problem.to_error())
        if isinstance(problem, MethodNotAllowed):
            response["Allow"] = problem.allowed
        if isinstance(problem, UnauthorizedException):
            response["WWW-Authenticate"] = 'Bearer realm="SCIM"'
        return response
    except ValidationError as problem:
        return _error(Error.from_validation_errors(problem)[0])
    except members.LastAdmin:
        return _error(Error(status=409, detail=LAST_ADMIN))
    except limits.Reached as reached:
        response = _error(Error(status=429, detail="Too many invitations. Prove the domain, or try again later."))
        response["Retry-After"] = str(reached.retry_after)
        return response


def _answer(request: HttpRequest, rest: str) -> HttpResponse:
    organization = tokens.organization_of(request.headers.get("Authorization", ""))
    if organization is None:
        raise UnauthorizedException(detail="The token is missing, wrong or ended.")
    if organization.is_closed:
        return _error(Error(status=403, detail=CLOSED))
    name, _slash, rest = rest.strip("/").partition("/")
    if ".search" in (name, rest) or name == "Bulk":
        raise NotImplementedException(detail="Use GET with a filter, and one request for each change.")
    if name in resources.KINDS:
        return _resource(request, organization, resources.KINDS[name], rest)
    document = resources.document(name, rest)
    if request.method not in {"GET", "HEAD"}:
        raise MethodNotAllowed("GET")
    if "filter" in request.GET:
        return _error(Error(status=403, detail="These resources can't be filtered."))  # RFC 7644, 4
    return _json(document)


def _resource(request: HttpRequest, organization: Organization, kind: Kind, pk: str) -> HttpResponse:
    if not pk:
        actions: dict[str, Callable[..., HttpResponse]] = {"GET": _list, "HEAD": _list, "POST": _create}
        return _allowed(actions, request)(request, organization, kind)
    actions = {"GET": _read, "HEAD": _read, "PUT": _replace, "PATCH": _patch, "DELETE": _delete}
    action = _allowed(actions, request)
    with transaction.atomic():
        if action is not _read:
            Organization.objects.select_for_update().get(pk=organization.pk)
        row = kind.find(organization, pk)
        if row is None:
            raise NotFoundException(detail=f"{kind.name} {pk[:60]} not found.")
        return action(request, kind, row)


def _allowed(actions: dict[str, Callable[..., HttpResponse]], request: HttpRequest) -> Callable[..., HttpResponse]:
    if request.method not in actions:
        raise MethodNotAllowed(", ".join(actions))
    return actions[request.method]


def _list(request: HttpRequest, organization: Organization, kind: Kind) -> HttpResponse:
    wanted = _fields(request, kind)
    start = _number(request.GET.get("startIndex"), 1, least=1)
    count = min(_number(request.GET.get("count"), shapes.PAGE_SIZE, least=0), shapes.PAGE_SIZE)
    rows = filtered(kind.rows(organization), request.GET.get("filter", "")).order_by("pk")
    found = rows[start - 1 : start - 1 + count] if count else rows.none()
    page = [_dump(kind, row, wanted) for row in found]
    return _json(
        {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": rows.count(),
            "startIndex": start,
            "itemsPerPage": len(page),
            "Resources": page,
        }
    )


@transaction.atomic
def _create(request: HttpRequest, organization: Organization, kind: Kind) -> HttpResponse:
    resource = kind.model.model_validate(_body(request), scim_ctx=Context.RESOURCE_CREATION_REQUEST)
    row = kind.write(kind.new(organization), resource)
    return _shown(request, kind, row, status=201)


def _read(request: HttpRequest, kind: Kind, row: Row) -> HttpResponse:
    if request.headers.get("If-None-Match") == resources.etag(row):
        return HttpResponse(status=304, headers={"ETag": resources.etag(row)})
    return _shown(request, kind, row)


def _replace(request: HttpRequest, kind: Kind, row: Row) -> HttpResponse:
    _check_version(request, row)
    resource = kind.model.model_validate(_body(request), scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST)
    if resource.id not in (None, str(row.scim_id)):
        raise InvalidValueException(detail="The id is another resource's.")
    return _shown(request, kind, kind.write(row, resource))


def _patch(request: HttpRequest, kind: Kind, row: Row) -> HttpResponse:
    _check_version(request, row)
    body = _body(request)
    operations = body.get("Operations")
    if isinstance(operations, list) and len(operations) > MOST_OPERATIONS:
        raise InvalidValueException(detail=f"A PATCH may have {MOST_OPERATIONS} operations.")
    patch = PatchOp[kind.model].model_validate(body, scim_ctx=Context.RESOURCE_PATCH_REQUEST)  # type: ignore[name-defined]
    resource = kind.as_resource(row)
    resource.id = str(row.scim_id)
    if patch.patch(resource):
        whole = resource.model_dump(scim_ctx=Context.DEFAULT)
        row = kind.write(row, kind.model.model_validate(whole))
    return _shown(request, kind, row)


def _delete(request: HttpRequest, kind: Kind, row: Row) -> HttpResponse:
    _check_version(request, row)
    kind.remove(row)
    return HttpResponse(status=204)


def _check_version(request: HttpRequest, row: Row) -> None:
    expected = request.headers.get("If-Match", "*")
    if expected != "*" and resources.etag(row) not in [tag.strip() for tag in expected.split(",")]:
        raise PreconditionFailedException(detail="The resource has changed.")


def _body(request: HttpRequest) -> dict[str, Any]:
    """The body of a request as a JSON object. Raises SCIM's errors for one that is too large, or is none."""
    if (whole_number(request.META.get("CONTENT_LENGTH")) or 0) > LARGEST_BODY:
        raise PayloadTooLargeException(detail=f"A body may have {LARGEST_BODY} bytes.")
    raw = request.read(LARGEST_BODY + 1)
    if len(raw) > LARGEST_BODY:
        raise PayloadTooLargeException(detail=f"A body may have {LARGEST_BODY} bytes.")
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise InvalidSyntaxException(detail="The body is no JSON.") from None
    if not isinstance(body, dict):
        raise InvalidSyntaxException(detail="The body is no JSON object.")
    return body


def _number(text: str | None, otherwise: int, *, least: int) -> int:
    """A number of a query; what is smaller than `least` counts as that (RFC 7644, 3.4.2.4)."""
    if not text:
        return otherwise
    if text.startswith("-") and parameters.whole_number(text[1:]) is not None:
        return least
    number = parameters.whole_number(text, most=10**9)
    if number is None:
        raise InvalidValueException(detail="startIndex and count are numbers.")
    return max(number, least)


def _fields(request: HttpRequest, kind: Kind) -> ResponseParameters[Any]:
    given = {name: request.GET[name][:1000] for name in ("attributes", "excludedAttributes") if request.GET.get(name)}
    return ResponseParameters[kind.model].model_validate(given)  # type: ignore[name-defined]


def _dump(kind: Kind, row: Row, wanted: ResponseParameters[Any]) -> Any:
    resource = resources.shown(kind, row, _address(kind, row))
    return resource.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE, response_parameters=wanted)


def _shown(request: HttpRequest, kind: Kind, row: Row, status: int = 200) -> HttpResponse:
    response = _json(_dump(kind, row, _fields(request, kind)), status)
    response["ETag"] = resources.etag(row)
    if status == 201:
        response["Location"] = _address(kind, row)
    return response


def _address(kind: Kind, row: Row) -> str:
    return base_address() + quote(f"{kind.endpoint}/{row.scim_id}")


def base_address() -> str:
    """The address that a directory is set up with, without a slash at its end."""
    return settings.BASE_URL + reverse("scim").rstrip("/")


def _json(content: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(json.dumps(content), status=status, content_type=MEDIA_TYPE)


def _error(error: Error) -> HttpResponse:
    return _json(error.model_dump(), status=error.status or 400)
