"""`manage.py take_off_second_step EMAIL`: for somebody who lost passkey, phone and recovery codes, and has no admin."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from organizations import addresses
from organizations.audit import Person, record
from organizations.models import Membership, User
from organizations.two_factors import take_off


class Command(BaseCommand):
    help = "Takes passkeys, app and recovery codes off an account, which then signs in with its password alone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="The address of the account.")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=addresses.key(options["email"])).first()
        if user is None:
            raise CommandError("No account has this address. Check its spelling.")
        if not take_off(user):
            raise CommandError("This account has no second step.")
        for membership in Membership.objects.filter(user=user).select_related("organization"):
            record(
                organization=membership.organization,
                actor=None,
                action="member.second_step_taken_off",
                subject=membership,
                person=Person("user", user.pk),
                detail={"user": user.pk},
            )
        self.stdout.write("Done. All sessions of this account are ended.")
