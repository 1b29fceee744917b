"""Connect what Django and allauth tell of an account with what follows from it here.

Signals are theirs, for what their views do. The product's own flow has none.
"""

from __future__ import annotations

from allauth.account.signals import password_reset
from allauth.mfa import signals as steps
from django.contrib.auth.signals import user_logged_in

from organizations import account_notices, address_proofs, sessions


def connect() -> None:
    """Connect each receiver once, in the order in which they have to run."""
    receivers = [
        (user_logged_in, sessions.note_sign_in),
        (user_logged_in, account_notices.on_signed_in),
        (password_reset, address_proofs.on_password_reset),
        (steps.authenticator_added, account_notices.on_step_added),
        (steps.authenticator_removed, account_notices.on_step_removed),
        (steps.authenticator_reset, account_notices.on_codes_made),
        (steps.authenticator_used, account_notices.on_step_used),
    ]
    for signal, receiver in receivers:
        signal.connect(receiver, dispatch_uid=f"{receiver.__module__}.{receiver.__name__}")
