"""People who read messages along, and are erased: their addresses leave every Cc, and copies to them go."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_

from django.db.models import Q

from organizations.models import Organization
from scheduling.messages import copies
from scheduling.models.messages import Message, MessageTemplate


def forget_readers(addresses: Sequence[str], organization: Organization | None) -> None:
    """Take the addresses out of the Cc of messages and templates of one organization; None: of all."""
    own = {one.lower() for one in addresses if one}
    if not own:
        return
    ours = Q() if organization is None else Q(organization=organization)
    named = reduce(or_, (Q(cc__icontains=one) for one in own))
    for model in (Message, MessageTemplate):
        for pk, cc in list(model._default_manager.filter(ours, named).order_by("pk").values_list("pk", "cc")):
            left = [one for one in copies.split(cc) if one.lower() not in own]
            model._default_manager.filter(pk=pk).update(cc=copies.joined(left))
    theirs = reduce(or_, (Q(to_email__iexact=one) for one in own))
    Message.objects.filter(ours, theirs, is_copy=True).delete()
