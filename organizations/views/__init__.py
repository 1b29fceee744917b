"""Pages for signing in, and the organization's settings."""

from organizations.views.sign_in import Confirm, SignIn, SignInAgain, SignOut, no_way_to_confirm, start

__all__ = ["Confirm", "SignIn", "SignInAgain", "SignOut", "no_way_to_confirm", "start"]
