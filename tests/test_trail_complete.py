"""Each address that takes a form records what it does, or stands on a short list with its reason."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

from organizations.hooks.trail import ACTIONS
from tests.browser.register import REGISTER

#: By the name of the address: the actions that its forms and buttons record.
RECORDED = {
    "account-data": ["account.data_downloaded"],
    "settings-former-member-data": ["member.data_exported"],
    "settings-former-member-forget": ["member.forgotten"],
    "settings-member-data": ["member.data_exported"],
    "account-delete": ["member.erased"],
    "address-confirm": ["member.address_changed"],
    "candidate-edit": ["candidate.changed"],
    "candidate-new": ["candidate.added"],
    "candidate-data": ["candidate.exported"],
    "candidate-keep": ["candidate.kept", "candidate.released"],
    "candidate-remove": ["candidate.removed", "candidate.deletion_asked", "schedule.deleted"],
    "candidates-export": ["candidates.exported"],
    "candidates-import-confirm": ["candidates.imported"],
    "interview-add": ["interview.added"],
    "interview-cancel": ["interview.cancelled"],
    "interview-edit": ["interview.moved", "interview.changed"],
    "interview-person": ["interview.changed"],
    "interview-link": ["interview.link_switched_on", "interview.link_switched_off"],
    "interview-time": ["interview.moved"],
    "calendar-event-leave": ["calendar_event.left_there"],
    "calendar-event-remove": ["calendar_event.tried_again"],
    "calendar-event-restore": ["interview.event_restored"],
    "interview-call-restore": ["interview.call_restored"],
    "mail-answer-keep": ["schedule.time_kept"],
    "interview-undo": ["interview.moved", "interview.changed"],
    "invitation": ["member.joined"],
    "job-delete": ["job.deleted"],
    "job-edit": ["job.edited"],
    "job-from-template": ["job.created", "stage.added", "plan_interview.added", "plan_interview.link_switched_on"],
    "job-duplicate": ["job.duplicated"],
    "plan-restore": ["stage.restored", "plan_interview.restored"],
    "stage-duplicate": ["stage.duplicated"],
    "job-new": ["job.created"],
    "job-state": ["job.closed", "job.reopened"],
    "join-link-change": ["join_link.revoked", "join_link.renewed"],
    "job-links": ["link_run.started"],
    "link-remove": ["link.removed"],
    "link-run-change": ["link_run.paused", "link_run.resumed", "link_run.cancelled"],
    "link-run-export": ["link_run.exported"],
    "message-again": ["message.repeated"],
    "message-arrived": ["message.arrived"],
    "message-discard": ["message.discarded"],
    "message-restore": ["message.restored"],
    "message-edit": ["message.edited"],
    "messages-send": ["message.queued"],
    "messages-send-kept": ["message.repeated"],
    "mfa_activate_totp": ["account.factor_added"],
    "mfa_add_webauthn": ["account.factor_added"],
    "mfa_authenticate": ["account.signed_in"],
    "mfa_deactivate_totp": ["account.factor_removed"],
    "mfa_generate_recovery_codes": ["account.factor_renewed"],
    "mfa_login_webauthn": ["account.signed_in"],
    "mfa_remove_webauthn": ["account.factor_removed"],
    "password-new": ["account.password_reset"],
    "plan-interview-edit": ["plan_interview.edited"],
    "plan-interview-link": ["plan_interview.link_switched_on", "plan_interview.link_switched_off"],
    "plan-interviews-order": ["stage.plan_reordered"],
    "plan-interview-move": ["plan_interview.moved"],
    "plan-interview-new": ["plan_interview.added", "plan_interview.link_switched_on"],
    "plan-interview-remove": ["plan_interview.removed"],
    "plan-interview-template": [
        "plan_interview.template_chosen",
        "plan_interview.template_cleared",
        "plan_interview.template_locked",
        "plan_interview.template_unlocked",
    ],
    "schedule-cancel": ["schedule.cancelled"],
    "schedule-delete": ["schedule.deleted"],
    "schedule-move": ["schedule.moved"],
    "schedule-new": ["schedule.created"],
    "schedule-plan": ["interview.moved", "interview.changed", "interview.added", "interview.cancelled"],
    "selected-delete": ["candidate.removed"],
    "selected-export": ["schedules.exported"],
    "selected-messages": ["message.queued"],
    "selected-move": ["schedule.moved"],
    "settings": ["organization.changed", "organization.logo_changed", "organization.logo_removed"],
    "own-calendar-connect": ["own_calendar.entered", "own_calendar.connected", "own_calendar.refused"],
    "own-calendar-disconnect": ["own_calendar.disconnected"],
    "own-calendar-words": ["own_calendar.words_changed"],
    "settings-rooms": ["rooms.chosen"],
    "settings-calendar-words": ["calendar_words.changed"],
    "own-calendars": ["own_calendar.chosen"],
    "settings-calendar-connect": ["calendar.entered", "calendar.connected", "calendar.refused"],
    "settings-calendar-disconnect": ["calendar.disconnected"],
    "settings-meeting-server": ["meeting_server.connected", "meeting_server.changed"],
    "settings-meeting-server-remove": ["meeting_server.removed"],
    "settings-calendar-try": ["calendar.entered", "calendar.connected", "calendar.refused"],
    "settings-integration-connect": ["integration.key_entered", "integration.connected", "integration.key_refused"],
    "settings-integration-disconnect": ["integration.disconnected"],
    "settings-integration-save": ["integration.key_owner_changed", "integration.rate_limit_changed"],
    "settings-integration-try": ["integration.key_entered", "integration.connected", "integration.key_refused"],
    "settings-integration-webhook-secret": ["integration.webhook_secret_shown"],
    "settings-integration-webhook-secret-new": ["integration.webhook_secret_renewed"],
    "settings-invitation-again": ["member.invitation_sent_again"],
    "settings-invitation-link": ["member.invitation_shown"],
    "settings-invitation-withdraw": ["member.invitation_withdrawn"],
    "settings-invite": ["member.invited"],
    "settings-invite-dialog": ["member.invited"],
    "settings-key-check-abandon": ["integration.key_discarded"],
    "settings-key-check-accept": ["integration.other_company_accepted"],
    "settings-member-days-off": ["member.days_off_added"],
    "settings-member-days-off-remove": ["member.days_off_removed"],
    "settings-member-remove": ["member.removed"],
    "settings-member": ["member.role_changed", "member.hours_changed"],
    "settings-member-sign-out": ["member.signed_out"],
    "settings-member-two-factors-remove": ["member.second_step_taken_off"],
    "settings-delete": ["organization.deletion_planned"],
    "settings-delete-call-off": ["organization.deletion_called_off"],
    "settings-two-factors": ["organization.second_step_changed"],
    "settings-profile-address": ["member.address_change_asked"],
    "settings-profile-address-cancel": ["member.address_change_cancelled"],
    "settings-profile": [
        "member.renamed",
        "member.video_room_changed",
        "member.time_zone_changed",
        "member.hours_changed",
    ],
    "settings-profile-password": ["account.password_changed"],
    "settings-profile-session-end": ["member.sessions_ended"],
    "settings-profile-sessions-end-others": ["member.sessions_ended"],
    "erasure-leave": ["erasure.left_there"],
    "erasure-try-again": ["erasure.tried_again"],
    "settings-privacy": ["retention.changed"],
    "settings-scheduling": ["reasons.changed"],
    "settings-security-export": ["organization.trail_exported"],
    "settings-security-keep": ["organization.trail_period_changed"],
    "settings-default-role": ["directory.default_role_changed"],
    "settings-domain-add": ["domain.added"],
    "settings-domain-check": ["domain.proven"],
    "settings-domain-remove": ["domain.removed"],
    "settings-group-role-add": ["directory.group_mapped"],
    "settings-group-role-remove": ["directory.group_unmapped"],
    "settings-provider": ["single_sign_on.saved"],
    "settings-provider-remove": ["single_sign_on.removed"],
    "settings-provider-saml": ["single_sign_on.saved"],
    "settings-provider-required": ["single_sign_on.required", "single_sign_on.optional"],
    "settings-token-create": ["directory.token_created"],
    "settings-token-end": ["directory.token_ended"],
    "settings-token-renew": ["directory.token_created", "directory.token_ended"],
    "settings-template": ["messagetemplate.changed"],
    "settings-template-reset": ["messagetemplate.reset"],
    "sign-in": ["account.signed_in", "account.sign_in_failed"],
    "sign-in-again": ["account.signed_in", "account.sign_in_failed"],
    "sign-out": ["account.signed_out"],
    "stages-order": ["job.stages_reordered"],
    "stage-edit": ["stage.renamed"],
    "stage-move": ["stage.moved"],
    "stage-new": ["stage.added"],
    "stage-remove": ["stage.removed"],
}
#: By the name of the address: why nothing is recorded.
UNRECORDED = {
    "organizations_user_changelist": "the Django admin's actions, whose services record what they do",
    "scheduling_codinglink_changelist": "the Django admin's actions, whose services record what they do",
    "account_reauthenticate": "asks for the password once more and changes nothing",
    "candidates-import": "keeps a file that adds nobody until it is confirmed",
    "candidates-import-columns": "says what the columns of a file mean, before it is confirmed",
    "saved-filters": "a member's own names for filters of lists, which change nothing for anybody",
    "selected-links": "each state of a link is a LinkEvent, with its author, on the schedule's History",
    "link-add": "each state of a link is a LinkEvent, with its author, on the schedule's History",
    "link-choose": "each state of a link is a LinkEvent, with its author, on the schedule's History",
    "link-run-retry": "each state of a link is a LinkEvent, with its author, on the schedule's History",
    "link-retry": "each state of a link is a LinkEvent, with its author, on the schedule's History",
    "settings-checklist": "shows or hides a list on Home, and nothing else",
    "settings-test-mail": "one mail to whoever asks",
    "links-add": "each state of a link is a LinkEvent, with its author, on the schedule's History",
    "mfa_reauthenticate": "asks for a second step once more and changes nothing",
    "mfa_reauthenticate_webauthn": "asks for a second step once more and changes nothing",
    "mfa_view_recovery_codes": "shows a person's own codes, after they have confirmed that it is them",
    "messages-dialog": "makes drafts, each recorded when it is edited, discarded or queued",
    "messages-prepare": "makes drafts, each recorded when it is edited, discarded or queued",
    "password-forgotten": "anybody may ask for any address; the new password is recorded",
    "own-calendar-check": "asks the vendor once more about credentials whose entry is recorded",
    "settings-calendar-check": "asks the vendor once more about credentials whose entry is recorded",
    "settings-calendar-check-now": "asks the vendor about the credentials; a change of their state is recorded",
    "settings-integration-check": "asks the vendor about the key; a change of its state is recorded",
    "settings-integration-templates": "reads the vendor's templates anew",
    "settings-key-check-again": "asks the vendor once more about a key whose entry is recorded",
    "settings-provider-check": "asks the provider whether it answers, and changes nothing",
    "single-sign-on": "leads to the provider; the sign-in that comes back is recorded",
    "settings-template-example": "shows a text that is not saved",
}
#: Actions that no form of the product makes, and what does.
ELSEWHERE = {
    "admin.": "the Django admin",
    "calendar.": "workers",
    "directory.": "SCIM",
    "demo.made": "make demo",
    "integration.": "workers",
    "interview.member_left": "the removal of a member",
    "member.": "workers, commands, or another form of the same address",
    "message.": "workers",
    "own_calendar.": "workers",
    "organization.created": "the first start",
    "organization.restored": "a command",
}


def test_each_address_with_a_form_says_what_it_records() -> None:
    posting = {entry.address for entry in REGISTER}
    assert not RECORDED.keys() & UNRECORDED.keys()
    assert posting - RECORDED.keys() - UNRECORDED.keys() == set()


def test_each_action_has_its_address_or_is_made_elsewhere() -> None:
    made = {action for actions in RECORDED.values() for action in actions}
    assert made - ACTIONS.keys() == set()
    assert {action for action in ACTIONS.keys() - made if not action.startswith(tuple(ELSEWHERE))} == set()


def sources() -> str:
    """The code that can record: all of it but the tables of sentences."""
    found = []
    for folder in ("organizations", "integrations", "jobs", "scheduling"):
        for path in sorted((Path(settings.BASE_DIR) / folder).rglob("*.py")):
            if path.name != "trail_actions.py":
                found.append(path.read_text())
    return "\n".join(found)


def test_each_action_is_recorded_by_some_code() -> None:
    """Where the code begins with a variable, by its end; where it ends with one, by its beginning."""
    text = sources()
    begun = re.findall(r'f"([a-z_.]+)\{', text)
    lost = [
        action
        for action in sorted(ACTIONS)
        if f'"{action}"' not in text
        and f'"{action.partition(".")[2]}"' not in text
        and not any(action.startswith(start) for start in begun if "." in start)
    ]
    assert lost == []
