"""The register of forms and buttons that post: each with its page and the browser test that presses it.

`tests.browser.posts` says why, and checks it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple


class Entry(NamedTuple):
    """One form or button: the template it stands in, the names of its page and of the address that it posts to, the
    button as `name=value` where its form has several ("*" is what the template fills in), and the test module."""

    template: str
    page: str
    address: str
    button: str
    module: str

    def fits(self, pair: str) -> bool:
        """Whether `pair` is what the button sends. What a template fills in is never empty."""
        return re.fullmatch(re.escape(self.button).replace(r"\*", ".+"), pair) is not None


#: By module, each line: template, page, "> address" where it is not the page's own, and a button.
_LINES = {
    "tests/integrations/test_calendars_browser.py": """
        integrations/calendars/check.html own-calendar-check
        integrations/calendars/check.html settings-calendar-check
        integrations/calendars/connect.html own-calendar-connect
        integrations/calendars/connect.html settings-calendar-connect
        integrations/calendars/disconnect.html own-calendars > own-calendar-disconnect
        integrations/calendars/disconnect.html settings-calendar > settings-calendar-disconnect
        integrations/calendars/_section.html settings-integrations > settings-calendar-try
        integrations/calendars/manage.html settings-calendar > settings-calendar-check-now
        scheduling/calendars/own.html own-calendars
        scheduling/calendars/own.html own-calendars check=*
    """,
    "tests/scheduling/test_meetings_browser.py": """
        integrations/meeting_server.html settings-meeting-server
        integrations/meeting_server.html settings-meeting-server > settings-meeting-server-remove
    """,
    "tests/browser/test_joining.py": """
        organizations/invitation_new.html invitation
        account/password_reset.html password-forgotten
        account/password_reset_from_key.html password-new
    """,
    "tests/browser/test_home.py": """
        scheduling/home/_add_link.html home > links-add
        scheduling/home/_item_form.html home > link-retry
        scheduling/home/_item_form.html home > links-add
        scheduling/home/_item_form.html home > messages-dialog
        scheduling/messages/_section.html home > messages-send
    """,
    "tests/browser/test_support.py": """
        admin/change_form.html organizations_user_change > organizations_user_changelist
        admin/change_form.html scheduling_codinglink_change > scheduling_codinglink_changelist
    """,
    "tests/browser/test_first_run.py": """
        organizations/invite.html home > settings-invite-dialog
        organizations/settings.html settings > settings-checklist
        scheduling/candidates/edit.html home > candidate-new
        scheduling/home/_first_run.html home > settings-checklist
        scheduling/home/_first_step.html home > job-from-template
        scheduling/home/_first_step.html home > settings-integration-try
        scheduling/home/_first_step.html home > settings-test-mail
    """,
    "tests/browser/test_session_over.py": """
        account/sign_in_again.html schedule-communications > sign-in-again
    """,
    "tests/organizations/test_trail_browser.py": """
        organizations/settings_security.html settings-security > settings-security-export format=csv
        organizations/settings_security.html settings-security > settings-security-export format=jsonl
        organizations/settings_security.html settings-security > settings-security-keep
        scheduling/candidates/list.html candidates > candidates-export
    """,
    "tests/scheduling/test_calendar_events_browser.py": """
        scheduling/home/_item_instead.html home > calendar-event-restore
        scheduling/home/_item_form.html home > calendar-event-remove
        scheduling/home/_item_instead.html home > calendar-event-leave
    """,
    "tests/scheduling/test_answers_on_pages_browser.py": """
        scheduling/home/_item_instead.html home > interview-call-restore
        scheduling/schedules/_interview.html schedule > interview-call-restore
    """,
    "tests/scheduling/mail_answers/test_answers_browser.py": """
        scheduling/home/_item_instead.html home > mail-answer-keep
    """,
    "tests/scheduling/erasure/test_erasure_browser.py": """
        scheduling/candidates/candidate.html candidate > candidate-data
        scheduling/erasure/keep.html settings-privacy > candidate-keep
        scheduling/erasure/leave.html settings-privacy > erasure-leave
        scheduling/erasure/settings.html settings-privacy
        scheduling/erasure/settings.html settings-privacy > erasure-try-again
    """,
    "tests/organizations/test_people_browser.py": """
        organizations/invitation_not_yours.html invitation > sign-out
        organizations/invitation_join.html invitation
        organizations/invitation_join.html invitation > sign-out
        organizations/settings.html settings
        organizations/_days_off.html settings-member > settings-member-days-off
        organizations/_days_off.html settings-member > settings-member-days-off-remove
        organizations/_days_off.html settings-profile > settings-member-days-off
        organizations/_days_off.html settings-profile > settings-member-days-off-remove
        organizations/settings_member.html settings-member
        organizations/settings_member_remove.html settings-member > settings-member-remove
        organizations/_invitation_row.html settings-members > settings-invitation-again
        organizations/_invitation_row.html settings-members > settings-invitation-link
        organizations/_invitation_row.html settings-members > settings-invitation-withdraw
        organizations/settings_members.html settings-members > settings-invite
        organizations/settings_profile.html settings-profile
        organizations/settings_password.html settings-profile-password
        account/login.html sign-in
        account/address_confirm.html address-confirm
        account/confirm_frame.html account_reauthenticate
        organizations/settings_address.html settings-profile-address
        organizations/settings_profile.html settings-profile > settings-profile-address-cancel
        organizations/start.html start > sign-out
        member.html settings-profile > sign-out
    """,
    "tests/organizations/erasure/test_erasure_browser.py": """
        account/delete.html account-delete
        organizations/_former_member_row.html settings-former-members > settings-former-member-data person=*
        organizations/settings_former_members.html settings-former-members > settings-former-member-forget
        organizations/settings_member.html settings-member > settings-member-data
        organizations/settings_profile.html settings-profile > account-data
        organizations/settings_delete.html settings-delete
        organizations/settings_delete.html settings-delete > settings-delete-call-off
    """,
    "tests/organizations/test_two_factors_browser.py": """
        account/app.html mfa_activate_totp
        account/confirm_frame.html mfa_reauthenticate
        account/confirm_frame.html mfa_reauthenticate_webauthn
        account/login.html sign-in > mfa_login_webauthn
        account/passkey.html mfa_add_webauthn
        account/second_step.html mfa_authenticate
        account/second_step.html mfa_authenticate > sign-out
        account/two_factors.html mfa_index > mfa_activate_totp
        account/two_factors.html mfa_index > mfa_deactivate_totp
        account/two_factors.html mfa_index > mfa_generate_recovery_codes
        account/two_factors.html mfa_index > mfa_remove_webauthn
        account/two_factors.html mfa_index > mfa_view_recovery_codes
        account/two_factors.html mfa_index > sign-out
        organizations/settings_member.html settings-member > settings-member-two-factors-remove
        organizations/settings_two_factors.html settings-two-factors
    """,
    "tests/organizations/test_sessions_browser.py": """
        organizations/settings_member.html settings-member > settings-member-sign-out
        organizations/_session_row.html settings-profile-sessions > settings-profile-session-end
        organizations/settings_sessions.html settings-profile-sessions > settings-profile-sessions-end-others
    """,
    "tests/organizations/test_single_sign_on_browser.py": """
        organizations/settings_directory.html settings-directory > settings-token-create
        organizations/_token_row.html settings-directory > settings-token-renew
        organizations/_token_row.html settings-directory > settings-token-end
        organizations/settings_directory.html settings-directory > settings-default-role
        organizations/settings_directory.html settings-directory > settings-group-role-add
        organizations/_group_role_row.html settings-directory > settings-group-role-remove
        organizations/settings_single_sign_on.html settings-single-sign-on > settings-domain-add
        organizations/_domain_row.html settings-single-sign-on > settings-domain-check
        organizations/settings_domain_remove.html settings-single-sign-on > settings-domain-remove
        organizations/_provider_oidc.html settings-single-sign-on > settings-provider
        organizations/_provider_saml.html settings-single-sign-on > settings-provider-saml
        organizations/settings_single_sign_on.html settings-single-sign-on > settings-provider-check
        organizations/settings_provider_remove.html settings-single-sign-on > settings-provider-remove
        organizations/settings_single_sign_on.html settings-single-sign-on > settings-provider-required
        single_sign_on/ask.html single-sign-on
    """,
    "tests/integrations/test_settings_browser.py": """
        integrations/connect.html settings-integrations > settings-integration-connect
        integrations/connect.html settings-integration > settings-integration-connect
        integrations/disconnect.html settings-integration > settings-integration-disconnect
        integrations/key_check_confirm.html settings-integration > settings-key-check-abandon
        integrations/key_check_confirm.html settings-integration > settings-key-check-accept
        integrations/key_check_progress.html settings-integrations > settings-key-check-again
        integrations/manage.html settings-integration > settings-integration-check
        integrations/manage.html settings-integration > settings-integration-save
        integrations/manage.html settings-integration > settings-integration-templates
        integrations/_webhook.html settings-integration > settings-integration-webhook-secret
        integrations/_webhook.html settings-integration > settings-integration-webhook-secret-new
    """,
    "tests/browser/test_link_runs.py": """
        scheduling/link_runs/job.html job-links
        scheduling/link_runs/_result.html link-run > link-run-retry link=*
        scheduling/link_runs/run.html link-run > link-run-change what=pause
        scheduling/link_runs/run.html link-run > link-run-change what=resume
        scheduling/link_runs/run.html link-run > link-run-change what=cancel
        scheduling/link_runs/run.html link-run > link-run-retry
        scheduling/link_runs/run.html link-run > link-run-export
    """,
    "tests/jobs/test_order_browser.py": """
        jobs/job.html job > plan-interviews-order
        jobs/job.html job > stages-order
    """,
    "tests/jobs/test_typed_browser.py": """
        jobs/job.html job > stage-duplicate
        jobs/question.html jobs > job-duplicate
    """,
    "tests/jobs/test_plans_browser.py": """
        jobs/connect.html job > plan-interview-link default=off
        jobs/job.html job > job-state state=closed
        jobs/job.html job > job-state state=open
        jobs/job.html job > plan-interview-link default=*
        jobs/job.html job > plan-interview-new
        jobs/job.html job > stage-new
        jobs/_remove.html job > plan-interview-remove
        jobs/_remove.html job > stage-remove
        jobs/_reorder.html job > plan-interview-move direction=down
        jobs/_reorder.html job > plan-interview-move direction=up
        jobs/_reorder.html job > stage-move direction=down
        jobs/_reorder.html job > stage-move direction=up
        jobs/question.html jobs > job-new
        jobs/question.html job > job-edit
        jobs/question.html job > job-delete
        jobs/question.html job > job-state
        jobs/question.html job > plan-interview-edit
        jobs/question.html job > plan-interview-remove
        jobs/question.html job > stage-edit
        jobs/question.html job > stage-remove
        jobs/template.html job > plan-interview-template locked=*
        jobs/template.html job > plan-interview-template template=
        jobs/template.html job > plan-interview-template template=*
    """,
    "tests/scheduling/test_forms_browser.py": """
        scheduling/candidates/edit.html candidates > candidate-new
        scheduling/candidates/edit.html candidate > candidate-edit
        scheduling/candidates/remove.html candidate > candidate-remove
        scheduling/planning/_conflicts.html schedule > interview-add do=nearest:*:*
        scheduling/schedules/interview_cancel.html schedule > interview-cancel
        scheduling/planning/interview.html schedule > interview-add
        scheduling/planning/interview.html schedule > interview-edit
        scheduling/schedules/cancel.html schedule > schedule-cancel
        scheduling/schedules/delete.html schedule > schedule-delete
        scheduling/planning/builder.html schedule-new
        scheduling/planning/builder.html schedule-new do=add
        scheduling/planning/_row.html schedule-new do=remove:*
    """,
    "tests/scheduling/test_builder_browser.py": """
        scheduling/planning/_row.html schedule-new do=move:*:*
        scheduling/planning/_finder.html schedule-new
    """,
    "tests/scheduling/test_link_switch_browser.py": """
        scheduling/planning/_row.html schedule-new do=link:*:*
        scheduling/schedules/_link_switch.html schedule > interview-link switch=*
        scheduling/schedules/interview_link.html schedule > interview-link link=keep
        scheduling/schedules/interview_link.html schedule > interview-link link=remove
    """,
    "tests/scheduling/test_changing_browser.py": """
        scheduling/planning/person.html schedule > interview-person
        scheduling/planning/time.html schedule > interview-time
        scheduling/planning/time.html schedule > interview-time quick=*
    """,
    "tests/scheduling/test_moving_several_browser.py": """
        scheduling/schedules/_selected.html schedules > selected-move
        scheduling/selected/move.html schedules > selected-move
        scheduling/selected/move.html schedules > selected-move quick=*
        scheduling/selected/move.html schedules > selected-move part=preview
        scheduling/selected/result.html schedules > selected-messages
    """,
    "tests/scheduling/test_selected_browser.py": """
        scheduling/schedules/_selected.html schedules > selected-messages
        scheduling/schedules/_selected.html schedules > selected-links
        scheduling/schedules/_selected.html schedules > selected-export
        scheduling/selected/add_links.html schedules > selected-links
        scheduling/selected/send_messages.html schedules > selected-messages
        organizations/saved_filters.html schedules > saved-filters
        scheduling/candidates/_selected.html candidates > candidates-export
        scheduling/candidates/_selected.html candidates > selected-delete
        scheduling/selected/delete_candidates.html candidates > selected-delete
    """,
    "tests/scheduling/test_import_browser.py": """
        scheduling/candidates/imports/upload.html candidates-import
        scheduling/candidates/imports/_choice.html candidates-import-confirm action=discard
        scheduling/candidates/imports/_choice.html candidates-import-confirm action=import
        scheduling/candidates/imports/columns.html candidates-import-columns
        scheduling/candidates/imports/confirm.html candidates-import-confirm action=restore
        scheduling/candidates/imports/_problems.html candidates-import-confirm action=discard
        scheduling/candidates/imports/_problems.html candidates-import-confirm action=leave_out_all
        scheduling/candidates/imports/_problems.html candidates-import-confirm action=correct
        scheduling/candidates/imports/_problems.html candidates-import-confirm leave_out=*
        scheduling/candidates/imports/_reading.html candidates-import-columns show=1
    """,
    "tests/scheduling/test_rooms_browser.py": """
        scheduling/calendars/rooms.html settings-rooms
        scheduling/planning/_finder.html schedule > interview-edit
        scheduling/planning/_room_chips.html schedule-new do=room:*:*
    """,
    "tests/scheduling/test_calendar_words_browser.py": """
        scheduling/calendars/words.html own-calendar-words
        scheduling/calendars/words.html settings-calendar-words
    """,
    "tests/scheduling/test_interviewer_search_browser.py": """
        scheduling/planning/_finder.html schedule > interview-edit
    """,
    "tests/scheduling/test_link_dialog_browser.py": """
        scheduling/coding_links/_add.html schedule-communications > link-add
        scheduling/coding_links/_choices.html schedule-communications > link-choose external_id=
        scheduling/coding_links/_choices.html schedule-communications > link-choose external_id=*
        scheduling/coding_links/_dialog_head.html schedule-communications > links-add
        scheduling/coding_links/_row.html schedule-communications > link-remove
        scheduling/coding_links/_row.html schedule-communications > link-retry
    """,
    "tests/scheduling/test_messages_browser.py": """
        scheduling/join_links/_list.html schedule-communications > join-link-change
        scheduling/messages/edit.html schedule-communications > message-edit
        scheduling/messages/edit.html schedule-communications > message-edit reset=1
        scheduling/messages/_actions.html schedule-communications > message-again
        scheduling/messages/_actions.html schedule-communications > message-arrived
        scheduling/messages/_actions.html schedule-communications > message-discard
        scheduling/messages/_events.html schedule-communications > message-again
        scheduling/messages/_events.html schedule-communications > message-arrived
        scheduling/messages/template.html settings-template
        scheduling/messages/template.html settings-template > settings-template-example
        scheduling/messages/template.html settings-template > settings-template-reset
        scheduling/messages/_section.html schedule-communications > messages-prepare
        scheduling/messages/_section.html schedule-communications > messages-send
        scheduling/schedules/settings.html settings-scheduling
    """,
    "tests/scheduling/test_messages_no_server_browser.py": """
        scheduling/messages/_section.html schedule-communications > messages-send-kept
    """,
    "tests/scheduling/test_schedule_draft_browser.py": """
        scheduling/planning/builder.html schedule-new part=start-over
    """,
    "tests/scheduling/test_plan_browser.py": """
        scheduling/planning/plan.html schedule-plan
        scheduling/planning/plan.html schedule-plan do=add
        scheduling/planning/plan.html schedule-plan do=keep:*
        scheduling/planning/plan.html schedule-plan part=start-over
    """,
    "tests/scheduling/test_rescheduling_browser.py": """
        scheduling/planning/reschedule.html schedule > schedule-move
        scheduling/planning/reschedule.html schedule > schedule-move quick=*
    """,
}


def _entries() -> Iterator[Entry]:
    for module, lines in _LINES.items():
        for line in lines.strip().splitlines():
            template, page, *rest = line.split()
            address = rest[1] if rest[:1] == [">"] else page
            yield Entry(template, page, address, rest[-1] if "=" in "".join(rest[-1:]) else "", module)


REGISTER = list(_entries())

#: Tags of one template that post alike, so that the browser can't tell which of them was used: their number, by address
#: or button ("" where the view says the address). The test module uses each.
ALIKE = {
    # One for each connection, and one that saves the choice of calendars.
    "scheduling/calendars/own.html": {"": 2},
    "organizations/saved_filters.html": {"saved-filters": 3},
    # The dialog, and the page for a browser without scripts.
    "account/second_step.html": {"mfa_authenticate": 2},
    "organizations/settings_security.html": {"settings-security-export": 2},
    "jobs/question.html": {"": 2},
    # The first is what Enter presses.
    "scheduling/candidates/imports/_problems.html": {"action=correct": 2},
    # Saving, and asking what speaks against it.
    "scheduling/planning/interview.html": {"": 2},
    "scheduling/planning/reschedule.html": {"": 2},
    "scheduling/schedules/interview_link.html": {"interview-link": 2},
    # Moving, and asking what it meets. Both buttons that ask stand there until there is something to move.
    "scheduling/selected/move.html": {"part=preview": 2, "selected-move": 2},
    # As a dialog and as a page; asking what speaks against it; and searching.
    "scheduling/planning/time.html": {"": 3},
    "scheduling/planning/person.html": {"": 4},
    # These two, and "Start over".
    "scheduling/planning/builder.html": {"": 3},
    "scheduling/planning/plan.html": {"": 3},
    # Up and down.
    "scheduling/planning/_row.html": {"do=move:*:*": 2},
    "scheduling/join_links/_list.html": {"join-link-change": 2},
    "scheduling/coding_links/_choices.html": {"link-choose": 2},
    "scheduling/coding_links/_dialog_head.html": {"links-add": 2},
    # Of the link there is, and of earlier ones.
    "scheduling/coding_links/_row.html": {"link-retry": 2},
}
