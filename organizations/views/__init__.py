"""Pages for signing in, and the organization's settings."""

from organizations.views.sign_in import Confirm, SignIn, SignInAgain, SignOut, start

__all__ = ["Confirm", "SignIn", "SignInAgain", "SignOut", "start"]
