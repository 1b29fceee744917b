"""Mutants that no test can notice, since they behave as the product does: by `Mutant.key`, with the reason."""

from __future__ import annotations

EQUIVALENT: dict[str, str] = {
    (
        "scheduling/schedules/day_view.py _first_with\n"
        "while high - low > timedelta(minutes=1):\n"
        "->\n"
        "while high - low > timedelta(minutes=2):"
    ): "clocks change by quarters of an hour, and halving an hour meets these before two minutes are left",
    (
        "scheduling/schedules/day_view.py _first_with\n"
        "middle = low + timedelta(minutes=int((high - low).total_seconds() // 120))\n"
        "->\n"
        "middle = low + timedelta(minutes=int((high - low).total_seconds() / 120))"
    ): "the quotient becomes a whole number either way",
    (
        "scheduling/messages/repeats.py _copied\ncopy.save(force_insert=True)\n->\ncopy.save(force_insert=False)"
    ): "a copy without a key is inserted anyway",
    (
        "scheduling/coding_links/reactions.py vendor_says\n"
        'known = CodingLink.objects.filter(integration=integration, external_id=external_id).exclude(external_id="")\n'
        "->\n"
        "known = CodingLink.objects.filter(integration=integration, external_id=external_id)"
        '.exclude(external_id="XXXX")'
    ): "a link in one of these states always has an id (constraint link_usable_has_url)",
    (
        "scheduling/calendar_events/ics.py _component\n"
        'component.add("class", "PRIVATE")\n'
        "->\n"
        'component.add("class", "private")'
    ): "the values of CLASS are the same in any case (RFC 5545, 3.8.1.3)",
    (
        "scheduling/messages/compose.py _digest\n"
        "return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()[:32]\n"
        "->\n"
        "return hashlib.sha256(json.dumps(whole, sort_keys=None).encode()).hexdigest()[:32]"
    ): "the same code puts the keys in the same order each time",
    (
        'scheduling/messages/placeholder_syntax.py tokens\nyield "text", text[at:]\n->\nyield "XXtextXX", text[at:]'
    ): "who reads the tokens asks only for the other two sorts",
    (
        "scheduling/messages/event_mails.py _further\n"
        "event, interviews = _event(change.event, context), []\n"
        "->\n"
        "event, interviews = _event(change.event, context), None"
    ): "a cancellation's words have no placeholder that reads the interviews",
}
