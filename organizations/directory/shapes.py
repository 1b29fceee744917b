"""The resources that directories read and write: the part of SCIM's core schemas that Panelist keeps.

What else a directory sends (departments, managers, phones) is left out without an error.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field
from scim2_models import (
    URN,
    AuthenticationScheme,
    Bulk,
    CaseExact,
    ChangePassword,
    ComplexAttribute,
    ETag,
    Filter,
    Mutability,
    Patch,
    Reference,
    Required,
    Resource,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    Uniqueness,
)

#: Resources on one page of a list.
PAGE_SIZE = 200
LONGEST = 254


class Name(ComplexAttribute):
    formatted: str | None = Field(None, max_length=LONGEST)
    family_name: str | None = Field(None, max_length=LONGEST)
    given_name: str | None = Field(None, max_length=LONGEST)


class Email(ComplexAttribute):
    value: str | None = Field(None, max_length=LONGEST)
    type: str | None = Field(None, max_length=60)
    primary: bool | None = None


class GroupOfUser(ComplexAttribute):
    value: Annotated[str | None, Mutability.read_only, CaseExact.true] = None
    ref: Annotated[Reference["Group"] | None, Mutability.read_only] = Field(  # noqa: UP037 - a name for SCIM
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    display: Annotated[str | None, Mutability.read_only] = None


class User(Resource[Any]):
    """A person of the directory."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    external_id: Annotated[str | None, Mutability.read_write, CaseExact.true] = Field(None, max_length=LONGEST)
    user_name: Annotated[str | None, Uniqueness.server, Required.true] = Field(None, max_length=LONGEST)
    name: Name | None = None
    Name: ClassVar[type[ComplexAttribute]] = Name
    display_name: str | None = Field(None, max_length=LONGEST)
    timezone: str | None = Field(None, max_length=64)
    active: bool | None = None
    emails: list[Email] | None = Field(None, max_length=20)
    Emails: ClassVar[type[ComplexAttribute]] = Email
    groups: Annotated[list[GroupOfUser] | None, Mutability.read_only] = None
    Groups: ClassVar[type[ComplexAttribute]] = GroupOfUser


class GroupMember(ComplexAttribute):
    value: Annotated[str | None, Mutability.immutable, CaseExact.true] = None
    ref: Annotated[Reference["User"] | None, Mutability.immutable] = Field(  # noqa: UP037 - a name for SCIM
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    type: Annotated[str | None, Mutability.immutable] = Field(None, examples=["User"])
    display: Annotated[str | None, Mutability.read_only] = None


class Group(Resource[Any]):
    """A group of the directory."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:Group")

    external_id: Annotated[str | None, Mutability.read_write, CaseExact.true] = Field(None, max_length=LONGEST)
    display_name: Annotated[str | None, Required.true] = Field(None, max_length=LONGEST)
    members: list[GroupMember] | None = None
    Members: ClassVar[type[ComplexAttribute]] = GroupMember


CONFIG = ServiceProviderConfig(
    patch=Patch(supported=True),
    bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
    filter=Filter(supported=True, max_results=PAGE_SIZE),
    change_password=ChangePassword(supported=False),
    sort=Sort(supported=False),
    etag=ETag(supported=True),
    authentication_schemes=[
        AuthenticationScheme(
            type=AuthenticationScheme.Type("oauthbearertoken"),
            name="Bearer token",
            description="A token from the page “Directory” of the organization's settings",
            primary=True,
        )
    ],
)

#: Tolerant where Entra departs from the standard: attributes of other schemas, a value in `remove`, and a path such as
#: `emails[type eq "work"].value` while there is no such address.
POLICY = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
PROVIDER = ScimProvider([User, Group], config=CONFIG, policy=POLICY)
