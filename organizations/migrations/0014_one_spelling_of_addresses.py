"""Store each account's address in the one spelling by which it is found.

Two accounts may have had two spellings of one mailbox. Both are kept: the older one gets the address, the newer one the
same with its number, such as ann+17@acme.example, which it signs in with and most mail servers deliver to the same
person. The members page and the trail show it, and its person can change it.
"""

from collections import defaultdict
from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from organizations import addresses
from organizations.search import search_key


def of_its_own(address: str, pk: int, taken: set[str]) -> str:
    local, _at, domain = address.rpartition("@")
    marked, number = "", 0
    while not marked or marked in taken:
        mark = f"+{pk}" if not number else f"+{pk}.{number}"
        marked, number = f"{local[: addresses.LONGEST_LOCAL - len(mark)]}{mark}@{domain}", number + 1
    return marked


def rename(apps: Apps, user: Any, address: str, *, proven: bool) -> None:
    user.email, user.search_key = address, search_key(user.name, address)
    user.save(update_fields=["email", "search_key"])
    apps.get_model("account", "EmailAddress").objects.filter(user_id=user.pk, primary=True).update(
        email=address, verified=proven
    )


def tell(apps: Apps, user: Any) -> None:
    """Say it in the trail of each organization of the account."""
    for membership in apps.get_model("organizations", "Membership").objects.filter(user_id=user.pk):
        apps.get_model("organizations", "AuditEvent").objects.create(
            organization_id=membership.organization_id,
            action="member.address_told_apart",
            subject_type="membership",
            subject_id=membership.pk,
            person_type="user",
            person_id=user.pk,
            search_key=search_key("Told the address of apart from the same one of an older account"),
        )


def normalize_accounts(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    people = apps.get_model("organizations", "User").objects
    taken, same = set[str](), defaultdict[str, list[tuple[int, str]]](list)
    for pk, email in people.order_by("created_at", "pk").values_list("pk", "email"):
        taken |= {email, addresses.key(email)}
        same[addresses.key(email)].append((pk, email))
    for address, ((oldest, email), *newer) in same.items():
        for pk, _email in newer:
            user = people.get(pk=pk)
            marked = of_its_own(address, pk, taken)
            taken.add(marked)
            rename(apps, user, marked, proven=False)
            tell(apps, user)
            print(f"\n    Account {pk} has the address of account {oldest}, and signs in as {marked} now.", end="")  # noqa: T201
        if email != address:
            rename(apps, people.get(pk=oldest), address, proven=True)


def normalize_invitations(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """The newest open one of a mailbox stays; earlier ones end, as when an invitation is sent anew."""
    invitations, seen = apps.get_model("organizations", "Invitation").objects, set[tuple[int, str]]()
    for row in invitations.order_by("-created_at", "-pk"):
        address = addresses.key(row.email)
        if row.accepted_at is None and (row.organization_id, address) in seen:
            row.delete()
            continue
        if row.accepted_at is None:
            seen.add((row.organization_id, address))
    for row in invitations.all():
        if row.email != addresses.key(row.email):
            row.email = addresses.key(row.email)
            row.save(update_fields=["email"])


class Migration(migrations.Migration):
    dependencies = [("organizations", "0013_trail_rows_without_names")]

    operations = [
        migrations.RunPython(normalize_accounts, migrations.RunPython.noop),
        migrations.RunPython(normalize_invitations, migrations.RunPython.noop),
    ]
