"""Messages to candidates and interviewers: templates, the messages, and the calendar events that they carry."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organizations.fields import AddressColumn, LineColumn
from organizations.mail import new_message_id
from organizations.models import Membership, Organization
from scheduling.models.schedules import Schedule


class Audience(models.TextChoices):
    """The side that a recipient is on: decides which placeholders a text may use and what calendar events cover."""

    CANDIDATE = "candidate", _("Candidate")
    INTERVIEWER = "interviewer", _("Interviewer")


class MessageKind(models.TextChoices):
    """Audience and occasion of a message, in this order; the database checks the audience."""

    CANDIDATE_INVITATION = "candidate_invitation", _("Invitation to the candidate")
    CANDIDATE_UPDATE = "candidate_update", _("Update to the candidate")
    CANDIDATE_CANCELLATION = "candidate_cancellation", _("Cancellation to the candidate")
    INTERVIEWER_INVITATION = "interviewer_invitation", _("Invitation to an interviewer")
    INTERVIEWER_UPDATE = "interviewer_update", _("Update to an interviewer")
    INTERVIEWER_CANCELLATION = "interviewer_cancellation", _("Cancellation to an interviewer")
    # To a former address of somebody who was invited there: its calendar is cleared, in the product's own words.
    CANDIDATE_WITHDRAWAL = "candidate_withdrawal", _("Withdrawal from the candidate's old address")
    INTERVIEWER_WITHDRAWAL = "interviewer_withdrawal", _("Withdrawal from an interviewer's old address")

    @property
    def audience(self) -> Audience:
        return Audience(self.value.split("_")[0])

    @property
    def occasion(self) -> str:
        """`invitation`, `update`, `cancellation` or `withdrawal`."""
        return self.value.split("_")[1]


# Kinds whose text an organization may customize.
CUSTOMIZABLE = [kind for kind in MessageKind if kind.occasion != "withdrawal"]
WITHDRAWALS = frozenset(MessageKind) - frozenset(CUSTOMIZABLE)


class MessageState(models.TextChoices):
    """Where a message is in its life.

    `messages.services` reopens drafts, `messages.queueing` queues them, `messages.delivery` makes the transitions of
    sending, `messages.repeats` those that a person asks for afterwards. The diagram stands in `messages.services`.
    """

    DRAFT = "draft", _("Draft")
    QUEUED = "queued", _("Queued")
    SENDING = "sending", _("Sending")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    UNKNOWN = "unknown", _("May have been sent")
    NOT_SENT = "not_sent", _("Not sent: no mail server")


# The recipient has it, or may have it: what it says is what they know.
NOTIFIED = ["sending", "sent", "unknown"]
# Its content is fixed and it has an address.
FIXED = ["queued", "sending", "sent", "unknown"]
# It never left: it may be written anew.
STAYED = ["failed", "not_sent"]
# A person has to act, unless a newer message has replaced it.
TROUBLED = ["failed", "unknown", "not_sent"]


class MessageTemplate(models.Model):
    """An organization's text and Cc for one kind of message. Without a row, or a text in it, the default is used."""

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="message_templates", verbose_name=_("organization")
    )
    kind = models.CharField(_("kind"), max_length=32, choices=[(kind.value, kind.label) for kind in CUSTOMIZABLE])
    subject = LineColumn(_("subject"), max_length=200, blank=True)
    body = models.TextField(_("text"), max_length=8000, blank=True)
    # Addresses that each message of this kind is copied to, as `messages.copies` writes them.
    cc = models.TextField(_("Cc"), blank=True, default="", db_default="")
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("changed by")
    )
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name, verbose_name_plural = _("message template"), _("message templates")
        constraints = [
            models.UniqueConstraint(fields=["organization", "kind"], name="message_template_kind_unique"),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in CUSTOMIZABLE]), name="message_template_kind_known"
            ),
        ]
        ordering = ["kind", "id"]

    def __str__(self) -> str:
        return self.get_kind_display()


class Message(models.Model):
    """One e-mail to one person about one schedule.

    A draft holds only its customized text with placeholders (`subject_source`, `body_source`; empty: the template of
    its kind); everything else is composed when it is shown. Queueing fixes what the preview showed: `subject`, `text`,
    `html`, `to_email`, `sender` and `calendar`. From then on none of these changes.

    An e-mail holds at most one calendar event, because most calendars take no second one from it. A message with
    further events has `parts`: messages that follow it, each sent, retried and reported separately. So do copies to
    the addresses in its Cc, which lack what is the recipient's alone: join links and calendar events.

    `interviews` is what the message says of the schedule, as `messages.snapshot.to_json` writes it;
    `interviews_digest` is their digest. `calendar` is a list with at most one event, as
    `calendar_events.changes.to_json` writes it.
    """

    organization = models.ForeignKey(
        Organization,
        on_delete=models.CASCADE,
        related_name="messages",
        db_index=False,  # indexes below begin with it
        verbose_name=_("organization"),
    )
    schedule = models.ForeignKey(
        Schedule, on_delete=models.CASCADE, related_name="messages", verbose_name=_("schedule")
    )
    audience = models.CharField(_("audience"), max_length=16, choices=Audience.choices)
    # Empty for the candidate, and for an interviewer who has left the organization since.
    membership = models.ForeignKey(
        Membership,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="messages",
        verbose_name=_("membership"),
    )
    # The message that this one follows with a further calendar event; empty: it is a message of its own.
    part_of = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="parts",
        verbose_name=_("further event of"),
    )
    kind = models.CharField(_("kind"), max_length=32, choices=MessageKind.choices)
    state = models.CharField(_("state"), max_length=16, choices=MessageState.choices, default=MessageState.DRAFT)

    subject_source = models.CharField(max_length=200, blank=True, default="")
    body_source = models.TextField(max_length=8000, blank=True, default="")
    edited_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True, default="")

    subject = models.CharField(_("subject"), max_length=500, blank=True, default="")
    text = models.TextField(_("text"), blank=True, default="")
    html = models.TextField(blank=True, default="")
    to_name = LineColumn(_("to"), max_length=150, blank=True, default="")
    to_email = AddressColumn(_("address"), max_length=254, blank=True, default="")
    # Addresses in Cc, as `messages.copies` writes them: of a draft that was edited, and of what was queued.
    cc = models.TextField(_("Cc"), blank=True, default="", db_default="")
    # Whether it is the copy of `part_of` to one address in its Cc.
    is_copy = models.BooleanField(_("copy"), default=False, db_default=False, editable=False)
    # {"from_name", "from_email", "reply_to", "reply_name"}: as they were when it was queued.
    sender = models.JSONField(default=dict, blank=True)
    calendar = models.JSONField(default=list, blank=True)
    interviews = models.JSONField(default=list, blank=True)
    interviews_digest = models.CharField(max_length=64, blank=True, default="")
    # Start of the first and end of the last of `interviews`; empty in a cancellation.
    covers_from = models.DateTimeField(null=True, blank=True, editable=False)
    covers_until = models.DateTimeField(null=True, blank=True, editable=False)
    message_id = models.CharField(_("message id"), max_length=200, unique=True, default=new_message_id, editable=False)

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("created by")
    )
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("sent by")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    queued_at = models.DateTimeField(_("queued"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    claim = models.CharField(max_length=32, blank=True, default="", editable=False)
    problem_code = models.CharField(max_length=60, blank=True, default="")
    problem = models.CharField(_("problem"), max_length=500, blank=True, default="")
    # When a newer message to the same person replaced it: its failure needs no person any more.
    replaced_at = models.DateTimeField(_("replaced by a newer message"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("message"), _("messages")
        constraints = [
            models.UniqueConstraint(
                fields=["schedule", "membership"],
                condition=Q(state="draft", audience="interviewer"),
                name="message_one_draft_per_interviewer",
            ),
            models.UniqueConstraint(
                fields=["schedule"],
                condition=Q(state="draft", audience="candidate"),
                name="message_one_draft_per_candidate",
            ),
            models.CheckConstraint(condition=Q(state__in=MessageState.values), name="message_state_known"),
            models.CheckConstraint(
                condition=Q(audience="candidate", kind__startswith="candidate_", membership__isnull=True)
                | Q(audience="interviewer", kind__startswith="interviewer_"),
                name="message_audience_fits",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=FIXED) | (~Q(to_email="") & ~Q(subject="") & ~Q(text="") & ~Q(html="")),
                name="message_fixed_is_whole",
            ),
            models.CheckConstraint(condition=~Q(state="sent") | Q(sent_at__isnull=False), name="message_sent_when"),
            models.CheckConstraint(
                condition=~Q(state="sending") | (~Q(claim="") & Q(claimed_at__isnull=False)),
                name="message_sending_is_claimed",
            ),
            models.CheckConstraint(
                condition=~Q(state="queued") | Q(next_attempt_at__isnull=False), name="message_queued_is_due"
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "schedule", "id"], name="message_by_schedule"),
            # SQLite takes a partial index only where the query says the very words of its condition: no state, which
            # comes as a parameter.
            models.Index(fields=["state", "next_attempt_at", "id"], name="message_by_state"),
            models.Index(
                fields=["organization", "state", "id"], condition=Q(replaced_at__isnull=True), name="message_unreplaced"
            ),
            models.Index(
                fields=["organization", "covers_until"], condition=Q(covers_until__isnull=False), name="message_until"
            ),
        ]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.get_state_display()})"

    @property
    def is_withdrawal(self) -> bool:
        """Whether it only clears the calendar at a former address."""
        return MessageKind(self.kind).occasion == "withdrawal"

    @property
    def is_busy(self) -> bool:
        """Whether it is queued or being sent: the page polls for its state."""
        return self.state in {MessageState.QUEUED, MessageState.SENDING}


class CalendarEntry(models.Model):
    """One event in one person's calendar: its UID for life, and the SEQUENCE that was used last.

    `interview_ids` are the interviews that it covers. Moving an interview, or grouping differently, keeps the entry
    that covers most of the same interviews. The event's content is in the messages that carried it.
    """

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="+", verbose_name=_("organization")
    )
    schedule = models.ForeignKey(
        Schedule, on_delete=models.CASCADE, related_name="calendar_entries", verbose_name=_("schedule")
    )
    audience = models.CharField(_("audience"), max_length=16, choices=Audience.choices)
    membership = models.ForeignKey(
        Membership, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("membership")
    )
    uid = models.CharField(_("UID"), max_length=200, unique=True)
    sequence = models.PositiveIntegerField(_("sequence"), default=0)
    interview_ids = models.JSONField(_("interviews"), default=list)
    cancelled = models.BooleanField(_("cancelled"), default=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("calendar entry"), _("calendar entries")
        constraints = [
            models.CheckConstraint(condition=~Q(uid=""), name="calendar_entry_has_uid"),
            models.CheckConstraint(
                condition=Q(audience="interviewer") | Q(membership__isnull=True), name="calendar_entry_audience_fits"
            ),
        ]
        indexes = [models.Index(fields=["schedule", "id"], name="calendar_entry_of_schedule")]
        ordering = ["id"]

    def __str__(self) -> str:
        return self.uid
