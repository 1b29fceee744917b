"""Pages of signing in, and of the organization's own settings."""

from organizations.views.entry import SignIn, start

__all__ = ["SignIn", "start"]
