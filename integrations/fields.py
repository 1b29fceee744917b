"""The former place of `organizations.secret_fields`, which migrations name."""

from organizations.secret_fields import SecretTextField

__all__ = ["SecretTextField"]
