"""Pages for signing in, and the organization's settings."""

from organizations.views.sign_in import SignIn, SignInAgain, SignOut, start

__all__ = ["SignIn", "SignInAgain", "SignOut", "start"]
