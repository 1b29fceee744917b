"""Accounts with addresses for which an organization vouches: of its proven domains."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.db import transaction

from organizations import address_proofs
from organizations.models import User


@transaction.atomic
def of_address(email: str, *, name: str, time_zone: str) -> User:
    """The account with an address, made where there is none. The caller knows that the address is its person's."""
    user = User.objects.filter(email=email).first()
    if user is None:
        return User.objects.create_user(email, None, name=name or email.partition("@")[0], time_zone=time_zone)
    reclaim(user)
    return user


@transaction.atomic
def reclaim(user: User) -> None:
    """Take an account away from whoever made it in its person's name; nothing where its address is proven.

    An account made with a handed-over link may be a stranger's, who waits for its owner to use it. What the stranger
    could enter with goes: password, second factors, sessions, other sign-ins.
    """
    if not EmailAddress.objects.filter(user=user, email=user.email, verified=False).exists():
        return
    user.set_unusable_password()
    user.pending_email = ""
    user.save()
    SocialAccount.objects.filter(user=user).delete()
    address_proofs.prove(user)
