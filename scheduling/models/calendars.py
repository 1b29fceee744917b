"""Members' calendars, what keeps their owners busy there, and Panelist's own events in them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.calendars import Answer, TimeKind
from integrations.models import CalendarConnection
from organizations.fields import LineColumn
from organizations.models import Membership, Organization
from organizations.secret_fields import SecretTextField
from scheduling.models.rooms import Room
from scheduling.models.schedules import Interview


class Weight(models.TextChoices):
    """How much a calendar entry counts: it blocks, may be booked over knowingly, or does not count."""

    HARD = "hard", _("Busy")
    SOFT = "soft", _("May be booked over")
    IGNORED = "ignored", _("Free")


class MemberCalendar(models.Model):
    """One calendar of a member or a room, and the snapshot of it: what `CalendarTime` rows hold, and since when.

    `due_at` is the row's own timer: when it is to be read next. A claim pushes it forward by a lease, so that a crash
    brings it back.
    """

    organization = models.ForeignKey(
        Organization,
        on_delete=models.CASCADE,
        related_name="member_calendars",
        verbose_name=_("organization"),
    )
    connection = models.ForeignKey(
        CalendarConnection,
        on_delete=models.CASCADE,
        related_name="calendars",
        verbose_name=_("calendar connection"),
    )
    membership = models.ForeignKey(
        Membership, on_delete=models.CASCADE, null=True, related_name="calendars", verbose_name=_("member")
    )
    room = models.OneToOneField(
        Room, on_delete=models.CASCADE, null=True, related_name="calendar", verbose_name=_("room")
    )
    # The vendor's id: `integrations.calendars.CalendarRef`.
    external_id = models.CharField(_("id at the vendor"), max_length=600)
    name = LineColumn(_("name"), max_length=200, blank=True, default="")
    is_read = models.BooleanField(_("keeps its owner busy"), default=True)
    # Interviews become events in this one: at most one for each member.
    is_written = models.BooleanField(_("receives interviews"), default=False)

    # The change list goes on from this token, for this window; empty: read everything.
    sync_token = models.TextField(blank=True, default="", editable=False)
    window_starts_at = models.DateTimeField(_("read from"), null=True, blank=True, editable=False)
    window_ends_at = models.DateTimeField(_("read until"), null=True, blank=True, editable=False)
    # The zone of whole days in what was read last: the owner's then. Another one since: read everything.
    read_zone = models.CharField(max_length=64, blank=True, default="", db_default="", editable=False)
    # The last time that it was read to the end. Until then its owner's times are unknown, never free.
    read_at = models.DateTimeField(_("last read"), null=True, blank=True)
    due_at = models.DateTimeField(_("read next"), null=True, blank=True, default=timezone.now)
    claim = models.CharField(max_length=32, blank=True, default="", editable=False)
    failures = models.PositiveSmallIntegerField(_("failures in a row"), default=0)
    problem_code = models.CharField(_("problem"), max_length=60, blank=True, default="")
    problem_params = models.JSONField(default=dict, blank=True)
    problem_since = models.DateTimeField(_("problem since"), null=True, blank=True)

    # The vendor's promise to call at changes: `integrations.calendars.Watch`. Only the token's hash is kept.
    watch_id = models.CharField(max_length=64, blank=True, default="", editable=False)
    watch_resource = models.CharField(max_length=200, blank=True, default="", editable=False)
    watch_token_hash = models.CharField(max_length=64, blank=True, default="", editable=False)
    watch_ends_at = models.DateTimeField(_("watched until"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("calendar of a member"), _("calendars of members")
        constraints = [
            models.UniqueConstraint(fields=["connection", "membership", "external_id"], name="member_calendar_unique"),
            models.UniqueConstraint(
                fields=["membership"], condition=Q(is_written=True), name="member_calendar_one_written"
            ),
            models.CheckConstraint(
                condition=Q(membership__isnull=False, room__isnull=True)
                | Q(membership__isnull=True, room__isnull=False),
                name="member_calendar_has_one_owner",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="member_calendar_due"),
            models.Index(fields=["watch_id"], condition=~Q(watch_id=""), name="member_calendar_watch"),
        ]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.name or self.pk}"


class CalendarTime(models.Model):
    """One occurrence of an entry in a calendar, as last read. Its owner is busy then, as `weight` says.

    `key` and `series` are hashes of the vendor's ids (they can be long). `is_ours`: Panelist wrote it, and its
    interview counts in its place. `title` is shown only to those who may see it (`availability.busy`).
    """

    organization = models.ForeignKey(
        Organization,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,  # rows are read by membership
        verbose_name=_("organization"),
    )
    calendar = models.ForeignKey(
        MemberCalendar,
        on_delete=models.CASCADE,
        related_name="times",
        db_index=False,  # the constraint's index begins with it
        verbose_name=_("calendar"),
    )
    membership = models.ForeignKey(
        Membership,
        on_delete=models.CASCADE,
        null=True,  # a room's
        related_name="calendar_times",
        db_index=False,  # an index below begins with it
        verbose_name=_("member"),
    )
    key = models.CharField(max_length=64, editable=False)
    series = models.CharField(max_length=64, blank=True, default="", editable=False)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    title = LineColumn(_("title"), max_length=200, blank=True, default="")
    weight = models.CharField(_("counts as"), max_length=8, choices=Weight.choices, default=Weight.HARD)
    kind = models.CharField(_("kind"), max_length=16, default=TimeKind.DEFAULT)
    answer = models.CharField(_("answer"), max_length=16, default=Answer.NONE)
    is_all_day = models.BooleanField(_("all day"), default=False)
    is_free = models.BooleanField(_("shown as free"), default=False)
    is_private = models.BooleanField(_("private"), default=False)
    is_tentative = models.BooleanField(_("tentative"), default=False)
    is_ours = models.BooleanField(_("an interview"), default=False)

    class Meta:
        verbose_name, verbose_name_plural = _("time in a calendar"), _("times in calendars")
        constraints = [
            models.UniqueConstraint(fields=["calendar", "key"], name="calendar_time_unique"),
            models.CheckConstraint(condition=Q(ends_at__gt=models.F("starts_at")), name="calendar_time_ends_later"),
            models.CheckConstraint(condition=Q(weight__in=Weight.values), name="calendar_time_weight_known"),
        ]
        indexes = [
            models.Index(fields=["membership", "ends_at", "starts_at"], name="calendar_time_of_member"),
            models.Index(fields=["calendar", "series"], condition=~Q(series=""), name="calendar_time_of_series"),
        ]
        ordering = ["starts_at", "id"]

    def __str__(self) -> str:
        return f"{self.pk}"


class EventState(models.TextChoices):
    """The life of an event in a member's calendar (`calendar_events.writing`)."""

    PENDING = "pending", _("Waiting")
    READY = "ready", _("In the calendar")
    FAILED = "failed", _("Not written")
    CANCELLING = "cancelling", _("Removing")
    CANCELLED = "cancelled", _("Removed")


class CalendarEvent(models.Model):
    """Panelist's event for one interviewer of one interview, in their calendar. The row is request, queue and truth.

    `our_id` is derived from the interview and the member, so that writing it twice makes one event. `revision` is what
    should be there, `written_revision` what was written last; they differ while a change is to be sent.
    """

    organization = models.ForeignKey(
        Organization,
        on_delete=models.CASCADE,
        related_name="calendar_events",
        db_index=False,  # indexes below begin with it
        verbose_name=_("organization"),
    )
    # The row outlives its interview, its interviewer and its calendar: the event may still have to be removed.
    interview = models.ForeignKey(
        Interview, on_delete=models.SET_NULL, null=True, related_name="calendar_events", verbose_name=_("interview")
    )
    membership = models.ForeignKey(
        Membership, on_delete=models.SET_NULL, null=True, related_name="calendar_events", verbose_name=_("member")
    )
    calendar = models.ForeignKey(
        MemberCalendar, on_delete=models.SET_NULL, null=True, related_name="events", verbose_name=_("calendar")
    )
    # Where it was written, or will be: the connection, and the calendar's id at the vendor.
    connection = models.ForeignKey(
        CalendarConnection,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("calendar connection"),
    )
    calendar_external_id = models.CharField(max_length=600, blank=True, default="", db_default="", editable=False)
    our_id = models.CharField(max_length=32, editable=False)
    # The kind of video call that is made with it (`integrations.meetings`): one event of an interview has it.
    meeting = models.CharField(_("video call"), max_length=32, blank=True, default="", db_default="", editable=False)
    state = models.CharField(_("state"), max_length=16, choices=EventState.choices, default=EventState.PENDING)
    revision = models.PositiveIntegerField(_("revision"), default=1)
    written_revision = models.PositiveIntegerField(_("revision written"), default=0)
    # Of what the event tells: it is written again when that changes.
    content_digest = models.CharField(max_length=64, blank=True, default="", db_default="", editable=False)
    external_id = models.CharField(_("id at the vendor"), max_length=600, blank=True, default="")
    version = models.CharField(max_length=200, blank=True, default="", editable=False)
    # The room that this event brings along: one event of each interview does. And its address, as written last.
    room = models.ForeignKey(
        Room, on_delete=models.SET_NULL, null=True, blank=True, related_name="events", verbose_name=_("room")
    )
    room_address = models.CharField(max_length=600, blank=True, default="", db_default="", editable=False)
    room_answer = models.CharField(_("answer of the room"), max_length=16, default=Answer.NONE, db_default=Answer.NONE)
    # As written last, to see what was moved there.
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)

    next_attempt_at = models.DateTimeField(_("next attempt"), null=True, blank=True, default=timezone.now)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    claim = models.CharField(max_length=32, blank=True, default="", editable=False)
    claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    sent_at = models.DateTimeField(null=True, blank=True, editable=False)
    # It differs in its calendar, as a read showed: the vendor is to be asked for it, from then on.
    check_at = models.DateTimeField(null=True, blank=True, editable=False)
    problem_code = models.CharField(_("problem"), max_length=60, blank=True, default="")
    problem_params = models.JSONField(default=dict, blank=True)

    # What came back from the calendar, or by mail.
    answer = models.CharField(_("answer"), max_length=16, default=Answer.NONE)
    comment = SecretTextField(_("comment"), blank=True, default="")
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    proposed_starts_at = models.DateTimeField(_("proposed start"), null=True, blank=True)
    proposed_ends_at = models.DateTimeField(_("proposed end"), null=True, blank=True)
    # Moved there by somebody, to this time; or deleted there. Empty again once it is settled.
    moved_starts_at = models.DateTimeField(_("moved to"), null=True, blank=True)
    moved_ends_at = models.DateTimeField(_("moved to, end"), null=True, blank=True)
    deleted_at = models.DateTimeField(_("deleted there"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name, verbose_name_plural = _("calendar event"), _("calendar events")
        constraints = [
            models.UniqueConstraint(
                fields=["interview", "membership"],
                condition=~Q(state=EventState.CANCELLED),
                name="calendar_event_one_live",
            ),
            models.CheckConstraint(condition=Q(state__in=EventState.values), name="calendar_event_state_known"),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(next_attempt_at__isnull=False), name="event_due"),
            models.Index(fields=["organization", "interview"], name="event_of_interview"),
            models.Index(fields=["calendar", "our_id"], name="event_by_our_id"),
            models.Index(fields=["our_id"], name="event_anywhere"),
            models.Index(fields=["check_at"], condition=Q(check_at__isnull=False), name="event_to_check"),
            # For Home: what can't be removed.
            models.Index(
                fields=["organization", "id"],
                condition=Q(state="cancelling", next_attempt_at__isnull=True),
                name="event_left",
            ),
            # For Home: what needs a person.
            models.Index(
                fields=["organization", "id"],
                condition=Q(state="failed")
                | Q(answer="declined")
                | Q(moved_starts_at__isnull=False)
                | Q(proposed_starts_at__isnull=False)
                | Q(deleted_at__isnull=False),
                name="event_attention",
            ),
            models.Index(
                fields=["connection", "room_address", "starts_at"], condition=~Q(room_address=""), name="event_in_room"
            ),
        ]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.pk} ({self.get_state_display()})"


class CalendarWords(models.Model):
    """Words in titles of entries that say how they count: an organization's, or one member's own (these win).

    Each is a text of one word or phrase a line.
    """

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="+", verbose_name=_("organization")
    )
    # Empty: the organization's.
    membership = models.OneToOneField(
        Membership,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="calendar_words",
        verbose_name=_("member"),
    )
    hard = models.TextField(_("words that block"), blank=True, default="")
    soft = models.TextField(_("words that may be booked over"), blank=True, default="")
    ignored = models.TextField(_("words that do not count"), blank=True, default="")
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("changed by"),
    )

    class Meta:
        verbose_name, verbose_name_plural = _("words in calendars"), _("words in calendars")
        constraints = [
            models.UniqueConstraint(
                fields=["organization"], condition=Q(membership__isnull=True), name="calendar_words_of_all"
            )
        ]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.pk}"
