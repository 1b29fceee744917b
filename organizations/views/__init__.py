"""Pages of signing in, and of the organization's own settings."""

from organizations.views.sign_in import SignIn, SignInAgain, SignOut, start

__all__ = ["SignIn", "SignInAgain", "SignOut", "start"]
