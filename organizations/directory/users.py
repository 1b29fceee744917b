"""People of the directory: what it writes, and the membership that follows from it.

An organization vouches for addresses of its proven domains only. For those an account is made, or found, and becomes a
member at once. Anybody else gets an invitation, and is a member when they accept it, so that no organization enrols
somebody else's people.

An account is its person's. The directory changes its name and address only while the address is of a proven domain and
no other organization shares the account. Nothing it does deletes an account.
"""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from scim2_models import Context, InvalidValueException, UniquenessException

from organizations import addresses, invitations, members, parameters
from organizations.directory import accounts, roles, shapes
from organizations.directory.domains import is_proven
from organizations.hooks import address_changes
from organizations.models import DirectoryUser, Invitation, Membership, Organization, User
from organizations.text import line

ADDRESS_TAKEN = "This address belongs to another account."
NAME_TAKEN = "Another user has this userName."


def write(row: DirectoryUser, resource: shapes.User) -> DirectoryUser:
    """Store what the directory says about a person, and make it so. Needs a transaction.

    Raises UniquenessException, InvalidValueException, members.LastAdmin, limits.Reached.
    """
    Organization.objects.select_for_update().get(pk=row.organization_id)
    before = row.email
    _read(row, resource)
    if row.pk is not None:
        row.version, row.changed_at = row.version + 1, timezone.now()
    _save(row)
    if not row.active:
        end(row)
        return row
    if row.membership is None and before != row.email:
        _withdraw_invitation(row.organization, before)
    if row.membership is not None:
        _change_account(row, row.membership.user)
    _join(row)
    row.save()
    return row


def remove(row: DirectoryUser) -> None:
    """End the person's membership and forget them. Needs a transaction. Raises members.LastAdmin."""
    Organization.objects.select_for_update().get(pk=row.organization_id)
    end(row)
    row.delete()


def end(row: DirectoryUser) -> None:
    """End a person's membership as leaving does, or withdraw their invitation. Raises members.LastAdmin."""
    if row.membership is None:
        _withdraw_invitation(row.organization, row.email)
        return
    members.remove_member(membership=row.membership, actor=None)
    row.refresh_from_db()


def joined(membership: Membership, email: str) -> None:
    """Link a new member to the person whom the directory describes by the address (`hooks.arrivals`)."""
    row = DirectoryUser.objects.filter(
        organization=membership.organization, email=email, membership=None, active=True
    ).first()
    if row is not None:
        row.membership = membership
        row.save(update_fields=["membership"])


_KEPT_HOURS = ("work_from", "work_until", "work_days", "holidays_of")


def left(membership: Membership, actor: User | None) -> None:  # noqa: ARG001
    """Keep a leaving member's role and hours, in case the directory brings them back (`hooks.departures`)."""
    kept = {
        "role": membership.role,
        "work_from": membership.work_from.isoformat(),
        "work_until": membership.work_until.isoformat(),
        "work_days": membership.work_days,
        "holidays_of": membership.holidays_of,
    }
    for row in DirectoryUser.objects.filter(membership=membership):
        row.membership, row.active, row.kept = None, False, kept
        row.content["active"] = False
        row.version, row.changed_at = row.version + 1, timezone.now()
        row.save()


def as_resource(row: DirectoryUser) -> shapes.User:
    """The writable part of a person as the directory reads it back."""
    return shapes.User.model_validate({"schemas": [str(shapes.User.__schema__)], **row.content})


def _read(row: DirectoryUser, resource: shapes.User) -> None:
    """Fill the columns from a resource. Raises InvalidValueException for what can't be stored."""
    row.content = _plain(resource)
    if not all(parameters.is_storable(text) for text in _texts(row.content)):
        raise InvalidValueException(detail="A text has characters that can't be stored.")
    row.user_name, row.external_id = resource.user_name or "", resource.external_id or ""
    if not row.user_name.strip():
        raise InvalidValueException(detail="userName is empty.")
    row.email, row.name = _address(resource), _name(resource)[:150]
    if resource.active is not None:
        row.active = resource.active


def _plain(resource: shapes.User) -> dict[str, Any]:
    content = resource.model_dump(scim_ctx=Context.DEFAULT)
    for key in ("schemas", "id", "meta", "groups"):
        content.pop(key, None)
    return content


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return [value] if isinstance(value, str) else []


def _address(resource: shapes.User) -> str:
    """The person's address: the primary one, else that for work, else the first, else the user name; "" for none."""
    emails = [email for email in resource.emails or [] if email.value and addresses.is_valid(email.value)]
    emails.sort(key=lambda email: (email.primary is not True, email.type != "work"))
    found = (emails[0].value if emails else resource.user_name) or ""
    return addresses.key(found) if addresses.is_valid(found) else ""


def _name(resource: shapes.User) -> str:
    name = resource.name
    parts = [name.given_name, name.family_name] if name else []
    whole = " ".join(part for part in parts if part)
    return line(resource.display_name or (name.formatted if name else "") or whole or "")


def _save(row: DirectoryUser) -> None:
    others = DirectoryUser.objects.filter(organization=row.organization, user_name__iexact=row.user_name)
    if others.exclude(pk=row.pk).exists():
        raise UniquenessException(detail=NAME_TAKEN)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise UniquenessException(detail=NAME_TAKEN) from None


def _join(row: DirectoryUser) -> None:
    """Make the person a member, or invite them."""
    if row.membership is not None or not row.email:
        return
    here = Membership.objects.filter(organization=row.organization, user__email=row.email).first()
    if here is not None:
        _link(row, here)
    elif is_proven(row.organization, row.email):
        _link(row, _enrol(row))
    elif invitations.open_for(row.organization, row.email) is None:
        role = roles.role_for(row)
        invitations.invite(organization=row.organization, email=row.email, role=role, actor=None)


def _link(row: DirectoryUser, membership: Membership) -> None:
    if DirectoryUser.objects.filter(membership=membership).exclude(pk=row.pk).exists():
        raise UniquenessException(detail="Another user has this address.")
    row.membership = membership
    row.save()
    roles.assign([row])


def _enrol(row: DirectoryUser) -> Membership:
    """Make a member of the account with the person's address, which is made where there is none."""
    zone = parameters.time_zone(row.content.get("timezone"), row.organization.time_zone)
    user = accounts.of_address(row.email, name=row.name, time_zone=zone)
    hours = {key: row.kept[key] for key in _KEPT_HOURS if key in row.kept}
    return members.add_member(organization=row.organization, user=user, role=roles.role_for(row), actor=None, **hours)


def _change_account(row: DirectoryUser, user: User) -> None:
    """Carry name and address over to an account that is this organization's alone."""
    if not _is_ours(row.organization, user):
        return
    if row.name and user.name != row.name:
        user.name = row.name
        user.save(update_fields=["name", "search_key"])
    if row.email and user.email != row.email and is_proven(row.organization, row.email):
        if User.objects.filter(email=row.email).exists():
            raise UniquenessException(detail=ADDRESS_TAKEN)
        user.email = row.email
        user.save()
        address_changes.announce(user, None)


def _is_ours(organization: Organization, user: User) -> bool:
    """Whether the organization vouches for the account, and no other has a part in it."""
    shared = Membership.objects.filter(user=user).exclude(organization=organization).exists()
    return is_proven(organization, user.email) and not shared and not user.is_staff


def _withdraw_invitation(organization: Organization, email: str) -> None:
    """Withdraw what the directory has sent; an admin's invitation stays the admin's."""
    found = Invitation.objects.filter(
        organization=organization, email=email, by_directory=True, accepted_at__isnull=True
    ).first()
    if found is not None:
        invitations.withdraw(invitation=found, actor=None)
