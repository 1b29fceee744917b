"""`manage.py first_admin`: create the first admin and organization. Does nothing when there are users.

Asks at the terminal. Without one, the answers come from the environment: FIRST_ADMIN_NAME, FIRST_ADMIN_EMAIL,
FIRST_ADMIN_PASSWORD, FIRST_ADMIN_ORGANIZATION and FIRST_ADMIN_TIME_ZONE (default UTC).
"""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import MaxLengthValidator
from django.db import transaction
from django.utils.text import slugify

from organizations import addresses, text
from organizations.audit import Person, record
from organizations.forms import PASSWORD_RULES
from organizations.models import Membership, Organization, User
from organizations.zone_parsing import parse_zone, zone_advice

Check = Callable[[str], None]


@dataclass(frozen=True)
class Question:
    """`check` raises ValidationError for an invalid answer; `rule` is shown before the question."""

    variable: str
    prompt: str
    check: Check
    default: str = ""
    secret: bool = False
    rule: str = ""


def required(longest: int) -> Check:
    def check(value: str) -> None:
        value = text.line(value)
        if not value:
            raise ValidationError("This can't be empty.")
        MaxLengthValidator(longest)(value)

    return check


def check_zone(value: str) -> None:
    if parse_zone(value) is None:
        raise ValidationError(zone_advice(value))


def check_address(value: str) -> None:
    addresses.clean(value)


QUESTIONS = (
    Question("FIRST_ADMIN_EMAIL", "Your e-mail address, for signing in", check_address),
    Question("FIRST_ADMIN_NAME", "Your name", required(150)),
    Question("FIRST_ADMIN_PASSWORD", "Password", validate_password, secret=True, rule=str(PASSWORD_RULES)),
    Question("FIRST_ADMIN_ORGANIZATION", "Your organization's name", required(120)),
    Question("FIRST_ADMIN_TIME_ZONE", "Its time zone, as a city like Berlin", check_zone, default="UTC"),
)


def problem_with(question: Question, answer: str) -> str:
    """The error in an answer; "" for a valid one."""
    try:
        question.check(answer)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def ask(question: Question) -> str:
    """Ask until the answer is valid; ask for a password twice."""
    if question.rule:
        print(question.rule)
    while True:
        prompt = f"{question.prompt}{f' [{question.default}]' if question.default else ''}: "
        answer = getpass.getpass(prompt) if question.secret else input(prompt).strip() or question.default
        problem = problem_with(question, answer)
        if not problem and question.secret and getpass.getpass("Repeat the password: ") != answer:
            problem = "The passwords don't match."
        if not problem:
            return answer
        print(problem)


def from_environment() -> dict[str, str]:
    """Answers by variable. Raise CommandError, which names every variable that is missing or wrong."""
    found = {question.variable: os.environ.get(question.variable, "") or question.default for question in QUESTIONS}
    problems = []
    for question in QUESTIONS:
        problem = problem_with(question, found[question.variable]) if found[question.variable] else "Not set."
        if problem:
            problems.append(f"{question.variable}: {problem}")
    if problems:
        raise CommandError(
            "There are no users yet, and no terminal to ask for the first admin. Run this in a terminal, or set these "
            "variables:\n" + "\n".join(problems)
        )
    return found


@transaction.atomic
def create_first_admin(*, name: str, email: str, password: str, organization: str, time_zone: str) -> Membership:
    """Create the organization with its admin, who may also use the Django admin, and the audit row."""
    name, organization, time_zone = text.line(name), text.line(organization), parse_zone(time_zone) or time_zone
    tenant = Organization.objects.create(
        name=organization, slug=slugify(organization)[:60] or "organization", time_zone=time_zone
    )
    user = User.objects.create_superuser(email, password, name=name, time_zone=time_zone)
    membership = Membership.objects.create(organization=tenant, user=user, role=Membership.Role.ADMIN)
    record(
        organization=tenant,
        actor=None,
        action="organization.created",
        subject=tenant,
        person=Person("user", user.pk),
    )
    return membership


class Command(BaseCommand):
    help = "Creates the first admin and organization, unless there are users."

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.exists():
            return
        if any(os.environ.get(question.variable) for question in QUESTIONS) or not sys.stdin.isatty():
            given = from_environment()
        else:
            print("Welcome to Panelist. Answer five questions to start.")
            try:
                given = {question.variable: ask(question) for question in QUESTIONS}
            except EOFError:
                raise CommandError("Not all questions were answered. Start again.") from None
        create_first_admin(
            name=given["FIRST_ADMIN_NAME"],
            email=given["FIRST_ADMIN_EMAIL"],
            password=given["FIRST_ADMIN_PASSWORD"],
            organization=given["FIRST_ADMIN_ORGANIZATION"],
            time_zone=given["FIRST_ADMIN_TIME_ZONE"],
        )
