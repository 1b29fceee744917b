"""The candidate as the vendor tells them apart: by address. Creations for one candidate key run one at a time."""

from __future__ import annotations

# All who have no address: the vendor can't tell them apart by it.
NO_ADDRESS = "-"


def candidate_key_of(email: str) -> str:
    """The key of a candidate with this address, which may be empty."""
    return email.strip().lower() or NO_ADDRESS


def email_of(candidate_key: str) -> str:
    """The address that the vendor is given: one spelling, in case it matches addresses by the letter."""
    return "" if candidate_key == NO_ADDRESS else candidate_key
