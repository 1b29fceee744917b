"""A directory, as the tests see it: a client with a token that sends and reads JSON."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from organizations.directory import tokens
from organizations.models import Domain
from tests.conftest import Team

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class Caller:
    """A directory with a token of a team."""

    def __init__(self, team: Team) -> None:
        self.token = tokens.create(organization=team.organization, actor=team.admin.user)
        self.client = Client()

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return self.client.generic(
            method,
            f"/scim/v2{path}",
            data,
            content_type="application/scim+json",
            headers={"Authorization": f"Bearer {self.token}", **headers},
        )

    def get(self, path: str) -> Any:
        response = self.send("GET", path)
        assert response.status_code == 200, response.content
        return json.loads(response.content)

    def create(self, path: str, **fields: Any) -> Any:
        schema = USER if path == "/Users" else GROUP
        response = self.send("POST", path, {"schemas": [schema], **fields})
        assert response.status_code == 201, response.content
        return json.loads(response.content)

    def patch(self, path: str, *operations: dict[str, Any]) -> Any:
        response = self.send("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)})
        assert response.status_code == 200, response.content
        return json.loads(response.content)

    def user(self, email: str, **fields: Any) -> Any:
        """Create a user as Entra does."""
        name = {"givenName": "Ann", "familyName": "Ito"}
        emails = [{"value": email, "type": "work", "primary": True}]
        return self.create("/Users", userName=email, name=name, emails=emails, active=True, **fields)


def prove(team: Team, name: str) -> Domain:
    """A domain that is proven already."""
    from django.utils import timezone

    return Domain.objects.create(organization=team.organization, name=name, token="proof", proven_at=timezone.now())
