"""The attacks that were tried on the product, and the tests that repeat them.

The findings of November 2026: B1 to B34 broke something and were mended; the attacks of `HELD` found nothing. A test is
named `<file below tests>::<function>`. `docs/security.md` refers to the numbers.
"""

from __future__ import annotations

#: Of each finding its attack, and the tests that repeat it.
BROKE: dict[str, tuple[str, list[str]]] = {
    "B1": (
        "a form that is sent slowly, on four sockets",
        [
            "config/test_web_server.py::test_a_slow_body_occupies_no_thread_and_ends_in_time",
            "config/test_web_server.py::test_slow_headers_and_silence_end_without_an_answer",
            "config/test_web_server.py::test_slow_readers_occupy_no_thread_and_end_in_time",
            "config/test_web_server.py::test_a_crowd_of_attackers_leaves_the_product_up",
        ],
    ),
    "B2": (
        "an upload without end, without signing in",
        [
            "config/test_web_server.py::test_the_largest_body_depends_on_the_path",
            "config/test_web_server.py::test_what_is_far_too_large_is_not_waited_for",
            "config/test_web_server.py::test_with_too_many_bytes_what_occupies_most_gives_way",
        ],
    ),
    "B3": (
        "a removed admin returns by an invitation of his own",
        [
            "attacks/test_invitations.py::test_a_removed_admin_does_not_come_back_by_an_own_invitation",
            "attacks/test_invitations.py::test_an_admin_who_is_switched_off_leaves_no_open_invitation",
        ],
    ),
    "B4": (
        "an invitation is used by somebody else",
        [
            "attacks/test_invitations.py::test_a_forwarded_mail_is_no_organization",
            "attacks/test_invitations.py::test_the_trail_says_who_was_invited_and_with_which_invitation_they_joined",
        ],
    ),
    "B5": (
        "one organization changes a person's time zone in another",
        [
            "organizations/test_settings.py::test_an_organization_does_not_change_a_persons_zone",
        ],
    ),
    "B6": (
        "an account for another person's address",
        [
            "attacks/test_invitations.py::test_the_sender_does_not_see_the_link",
            "attacks/test_invitations.py::test_the_owner_of_an_address_gets_the_account_that_a_stranger_made_without_what_the_stranger_left",
        ],
    ),
    "B7": (
        "passwords are guessed from many places",
        [
            "organizations/test_throttle.py::test_an_account_is_guessed_at_so_often_from_everywhere_together",
            "organizations/test_throttle.py::test_its_owner_gets_one_mail_a_day_and_admins_a_line",
            "organizations/test_throttle.py::test_one_ipv6_site_can_not_try_one_password_on_everybody",
        ],
    ),
    "B8": (
        "a forged X-Forwarded-For",
        [
            "organizations/test_throttle.py::test_an_invented_address_gives_no_more_tries",
            "organizations/test_throttle.py::test_what_a_proxy_can_not_read_makes_no_visitor_everybody",
            "organizations/test_client_address.py::test_where_a_visitor_comes_from",
        ],
    ),
    "B9": (
        "letters that look alike in an address",
        [
            "organizations/test_sign_in.py::test_a_letter_that_looks_like_another_is_no_second_way_in",
            "organizations/test_sign_in.py::test_no_such_letter_is_invited",
        ],
    ),
    "B10": (
        "the encryption key is lost",
        [
            "test_lost_key.py::test_no_page_fails",
            "test_lost_key.py::test_the_start_names_it_and_goes_on",
        ],
    ),
    "B11": (
        "what people search for in the log",
        [
            "test_logs.py::test_no_address_with_anything_typed_is_logged",
            "test_logs.py::test_errors_are_placed_and_their_texts_left_out",
            "test_logs.py::test_messages_to_workers_take_ids",
        ],
    ),
    "B12": (
        "join links in a copy of the database",
        [
            "scheduling/test_join_addresses_at_rest.py::test_the_files_of_the_database_hold_no_token",
            "organizations/test_session_attacks.py::test_a_copy_of_the_database_signs_nobody_in",
        ],
    ),
    "B13": (
        "the Django admin's filters as an oracle",
        [
            "test_admin_lookups.py::test_nothing_is_asked_by_any_path",
            "test_admin_lookups.py::test_pages_show_no_secret",
        ],
    ),
    "B14": (
        "changes in the Django admin that no trail has",
        [
            "organizations/test_admin_trail.py::test_a_changed_role_is_seen_by_its_organization",
            "organizations/test_admin_trail.py::test_a_password_that_was_set_is_seen_by_each_organization",
            "config/test_admin_path.py::test_switched_off_it_is_nowhere_and_everything_else_works",
        ],
    ),
    "B15": (
        "an export and a sign-in that no trail has",
        [
            "organizations/test_account_trail.py::test_sign_in_and_out_stand_in_the_trail",
            "organizations/test_account_trail.py::test_a_wrong_password_is_told_to_the_own_organizations_and_to_no_other",
            "organizations/test_trail_export.py::test_an_export_is_a_row_itself",
            "integrations/test_connecting.py::test_a_key_that_is_refused_stands_in_the_trail",
            "integrations/test_settings_pages.py::test_the_signing_secret_is_shown_on_request_and_can_be_renewed",
            "test_trail_complete.py::test_each_address_with_a_form_says_what_it_records",
            "scheduling/test_candidates_csv_pages.py::test_the_export_follows_the_search_and_imports_elsewhere",
        ],
    ),
    "B16": (
        "a removed candidate's name in the trail",
        [
            "scheduling/test_trail_of_people.py::test_a_removed_candidate_is_in_no_row",
            "scheduling/erasure/test_deleting_candidates.py::test_nothing_of_a_deleted_candidate_is_left",
            "scheduling/coding_links/test_erasing.py::test_a_coding_interview_is_deleted_there_and_then_here",
            "scheduling/test_trail_of_before.py::test_sentences_become_codes",
            "organizations/test_security.py::test_no_row_holds_a_name",
            "organizations/test_append_only.py::test_a_person_is_forgotten_and_what_happened_stays",
            "organizations/erasure/test_accounts.py::test_nothing_names_who_is_erased",
            "organizations/erasure/test_closing.py::test_nothing_is_left_and_the_others_have_everything",
            "organizations/erasure/test_held.py::test_an_organization_forgets_and_the_others_keep",
        ],
    ),
    "B17": (
        "a formula in an exported name",
        [
            "attacks/test_csv_formulas.py::test_the_export_of_a_name_with_a_formula",
            "attacks/test_csv_formulas.py::test_no_rows_make_a_formula",
            "attacks/test_csv_formulas.py::test_guarding_is_undone_exactly",
        ],
    ),
    "B18": (
        "a table of 2.5 million columns",
        [
            "attacks/test_csv_bombs.py::test_no_bomb_takes_long",
            "attacks/test_csv_bombs.py::test_nothing_of_a_bomb_is_kept",
            "attacks/test_csv_bombs.py::test_an_old_upload_gives_way_to_a_new_one",
            "attacks/test_csv_bombs.py::test_too_many_uploads_are_refused_and_what_was_pasted_stays",
        ],
    ),
    "B19": (
        "sixty invitations to a stranger",
        [
            "attacks/test_mail_bombs.py::test_one_stranger_is_invited_three_times_a_day",
            "attacks/test_mail_bombs.py::test_an_organization_sprays_no_strangers",
            "attacks/test_mail_bombs.py::test_a_copy_can_be_sent_so_often",
            "attacks/test_mail_bombs.py::test_each_way_to_send_a_mail_is_known_to_be_bounded",
        ],
    ),
    "B20": (
        "the session of an account that was switched off",
        [
            "organizations/test_session_attacks.py::test_an_account_that_was_off_does_not_find_its_old_sessions",
            "organizations/test_session_list.py::test_a_session_that_nobody_uses_ends",
            "organizations/test_session_list.py::test_all_other_devices_are_signed_out",
        ],
    ),
    "B21": (
        "the old password is guessed",
        [
            "organizations/test_throttle.py::test_the_old_password_can_not_be_guessed_either",
        ],
    ),
    "B22": (
        "the time that a forgotten password takes",
        [
            "organizations/test_throttle.py::test_known_and_unknown_accounts_cost_the_same_queries",
            "organizations/test_passwords.py::test_an_unknown_address_costs_and_says_the_same",
            "organizations/test_password_rules.py::test_known_and_unknown_accounts_cost_the_same_hashes",
            "organizations/test_throttle.py::test_links_to_a_new_password_can_be_asked_for_so_often_from_one_place",
        ],
    ),
    "B23": (
        "an invitation tells who has an account",
        [
            "attacks/test_invitations.py::test_the_link_looks_the_same_whether_the_address_has_an_account",
        ],
    ),
    "B24": (
        "ids that are no numbers",
        [
            "attacks/test_server_errors.py::test_b24_ids_that_are_no_numbers",
        ],
    ),
    "B25": (
        "days at the end of time",
        [
            "attacks/test_server_errors.py::test_b25_days_at_the_end_of_time",
        ],
    ),
    "B26": (
        "zones that are none",
        [
            "attacks/test_server_errors.py::test_b26_zones_that_are_none",
        ],
    ),
    "B27": (
        "ids that no column can hold",
        [
            "attacks/test_server_errors.py::test_b27_ids_that_no_column_can_hold",
            "attacks/test_server_errors.py::test_b27_ids_among_several",
        ],
    ),
    "B28": (
        "NUL in a search",
        [
            "attacks/test_server_errors.py::test_b28_nul_in_any_search",
        ],
    ),
    "B29": (
        "a password of the organization's name",
        [
            "organizations/test_password_rules.py::test_what_everybody_would_try_is_refused",
            "organizations/test_password_rules.py::test_who_is_invited_may_not_take_the_organizations_name",
            "organizations/test_password_rules.py::test_a_password_of_a_breach_is_refused_and_five_signs_of_its_hash_leave",
        ],
    ),
    "B30": (
        "personal pages in a cache",
        [
            "organizations/test_session_attacks.py::test_pages_of_members_are_kept_in_no_cache",
        ],
    ),
    "B31": (
        "cookies and headers",
        [
            "config/test_https.py::test_cookies_belong_to_this_host_alone_and_scripts_read_none",
            "config/test_https.py::test_every_answer_has_the_headers",
            "config/test_https.py::test_plain_http_leads_to_https",
            "config/test_web_server.py::test_the_answer_does_not_name_the_server",
        ],
    ),
    "B32": (
        "events of last year, and unsigned ones",
        [
            "attacks/test_webhook_floods.py::test_only_fresh_events_are_taken",
            "attacks/test_webhook_floods.py::test_an_event_never_comes_twice",
            "attacks/test_webhook_floods.py::test_unsigned_posts_are_bounded_in_rows_and_queries",
        ],
    ),
    "B33": (
        "line ends and misleading addresses as an interview's place",
        [
            "attacks/test_interview_place.py::test_what_misleads_is_text_on_every_page",
            "attacks/test_interview_place.py::test_what_misleads_is_no_link",
        ],
    ),
    "B34": (
        "another person's reset link in the demo's outbox",
        [
            "scheduling/test_outbox.py::test_nobody_reads_the_link_to_another_persons_password",
            "integrations/sandbox/test_pages.py::test_a_name_that_leads_here_by_dns_gets_nothing",
            "config/test_production.py::test_static_files_are_those_of_the_pages",
            "config/test_production.py::test_the_outbox_is_there_in_the_demo_only",
        ],
    ),
}

#: Attacks that found nothing, and the tests that keep it so.
HELD: dict[str, list[str]] = {
    "another organization's rows, each verb, htmx or not, each role": [
        "attacks/test_matrix.py::test_no_cell_tells_or_changes_what_is_anothers",
        "attacks/test_matrix.py::test_the_word_is_in_what_they_have",
        "test_addresses.py::test_another_organizations_rows_are_not_found_under_ones_own",
        "test_addresses.py::test_outsiders_learn_nothing",
    ],
    "pages of another role": [
        "test_addresses.py::test_a_wrong_role_is_told_so",
        "test_addresses.py::test_visitors_are_asked_to_sign_in",
        "test_addresses.py::test_another_jobs_rows_are_not_found_by_a_coordinator",
    ],
    "foreign ids in what a form sends": [
        "fuzz/test_members.py::test_no_value_of_any_parameter_is_an_error",
        "scheduling/test_schedules_new.py::test_another_organizations_rows_are_none",
        "scheduling/test_schedules_new.py::test_another_organizations_people_cannot_be_chosen",
    ],
    "an interviewer in other people's schedules and days": [
        "attacks/test_held.py::test_an_interviewer_sees_only_own_interviews_and_own_days",
    ],
    "fields that a form does not have": ["attacks/test_held.py::test_fields_that_a_form_does_not_have_are_not_written"],
    "the last admin": [
        "organizations/test_settings.py::test_the_last_admin_stays_one",
        "attacks/test_held.py::test_two_admins_who_demote_each_other_leave_one",
    ],
    "an invitation again, after a renewal, and six at once": [
        "organizations/test_settings_invitations.py::test_an_invitation_that_is_over_says_so",
        "attacks/test_invitations.py::test_of_two_who_accept_at_once_one_joins",
        "attacks/test_held.py::test_an_invitation_that_six_browsers_accept_makes_one_account",
        "fuzz/test_strangers.py::test_no_token_is_an_error",
    ],
    "a planted session; signing out by a link": [
        "attacks/test_held.py::test_the_id_of_a_session_changes_when_somebody_signs_in",
        "organizations/test_session_list.py::test_an_id_that_the_server_did_not_give_is_not_taken_over",
        "organizations/test_sessions.py::test_signing_out_by_a_link_or_reload_signs_nobody_out",
    ],
    "sessions after a new password": [
        "organizations/test_session_attacks.py::test_a_new_password_leaves_only_the_session_that_chose_it",
    ],
    "the link to a new password, twice and often": [
        "organizations/test_passwords.py::test_the_link_of_the_mail_sets_a_new_password_once",
        "organizations/test_throttle.py::test_mails_with_a_new_password_are_bounded_per_account",
    ],
    "a forged host": [
        "attacks/test_held.py::test_a_host_that_is_not_ours_is_refused",
        "attacks/test_held.py::test_mails_lead_to_our_own_address_whatever_the_host",
    ],
    "a redirect to another site": [
        "attacks/test_held.py::test_nothing_leads_to_another_site",
        "organizations/test_sign_in.py::test_signing_in_leads_to_this_site_only",
    ],
    "forms of another site": [
        "attacks/test_held.py::test_no_form_of_another_site_is_taken",
        "organizations/test_sessions.py::test_a_form_without_its_token_is_told_what_to_do",
    ],
    "ways around the limit of wrong passwords": [
        "organizations/test_throttle.py::test_writing_the_address_differently_gives_no_more_tries",
        "organizations/test_throttle.py::test_one_address_can_not_try_one_password_on_everybody",
        "organizations/test_throttle.py::test_tries_at_the_same_moment_count_each_other",
    ],
    "markup in every text": [
        "attacks/test_held.py::test_no_text_becomes_markup_on_any_page",
        "organizations/test_sign_in.py::test_pages_forbid_inline_code",
        "test_names_in_pages.py::test_every_name_in_a_template_is_isolated",
    ],
    "markup, links and placeholders in mails": [
        "scheduling/test_message_text.py::test_names_are_escaped_in_html_and_plain_in_text",
        "scheduling/test_message_text.py::test_a_candidates_name_is_never_a_link_or_a_placeholder",
        "scheduling/test_hyperlinks.py::test_nothing_in_it_becomes_markup",
        "scheduling/test_messages_pages.py::test_the_html_may_style_itself_and_nothing_else",
    ],
    "addresses in a vendor's answer": ["attacks/test_held.py::test_a_vendor_leads_to_the_web_only"],
    "headers of mails": [
        "organizations/test_mail.py::test_words_of_people_never_become_a_header_or_a_recipient",
        "scheduling/test_message_text.py::test_a_subject_is_one_line_whatever_is_in_it",
    ],
    "lines of calendar events": [
        "scheduling/test_ics.py::test_a_quote_or_a_line_break_in_a_name_can_not_break_the_line",
        "scheduling/test_ics.py::test_any_text_and_time_survives",
    ],
    "SQL, LIKE, format strings, paths": [
        "attacks/test_held.py::test_a_search_finds_its_own_signs_only",
        "attacks/test_held.py::test_nothing_is_read_outside_its_folder",
        "scheduling/test_outbox.py::test_only_stored_mails_are_found",
    ],
    "files that are no tables": [
        "fuzz/test_members.py::test_no_file_is_an_error",
        "scheduling/test_candidates_csv.py::test_any_bytes_get_rows_or_a_sentence",
        "scheduling/test_candidates_csv.py::test_nothing_written_is_a_formula",
    ],
    "texts that take long": [
        "attacks/test_held.py::test_a_text_of_8000_signs_is_rendered_in_a_moment",
        "scheduling/test_hyperlinks.py::test_it_takes_no_longer_for_longer_text",
    ],
    "bodies that are too large or no form": [
        "config/test_error_pages_for_people.py::test_a_request_that_is_too_large_is_told_so",
        "config/test_web_server.py::test_the_largest_body_depends_on_the_path",
        "fuzz/test_members.py::test_no_body_is_an_error",
        "fuzz/test_members.py::test_no_field_of_any_form_takes_a_wrong_value_for_an_error",
    ],
    "webhooks: signature, address, kind, size, repeated": [
        "scheduling/coding_links/test_webhooks.py::test_a_wrong_signature_is_answered_noted_and_ignored",
        "scheduling/coding_links/test_webhooks.py::test_a_replay_is_answered_and_does_nothing",
        "scheduling/coding_links/test_webhooks.py::test_an_unknown_address_is_a_404_and_get_is_refused",
        "fuzz/test_strangers.py::test_no_event_of_a_vendor_is_lost",
    ],
    "the door to an interview: guessed, early, revoked": [
        "scheduling/test_join.py::test_a_guessed_address_is_nothing",
        "scheduling/test_join.py::test_before_it_opens_it_says_when",
        "scheduling/test_join.py::test_a_revoked_address_says_so_and_the_renewed_one_works",
        "scheduling/test_join.py::test_the_page_tells_no_one_who_it_is_for",
    ],
    "requests of the server to an address of others": [
        "integrations/codesignal/test_answers.py::test_never_follows_a_redirect",
        "integrations/codesignal/test_network.py::test_bounds_a_compressed_answer",
    ],
    "secrets in pages, logs, messages, dumps": [
        "integrations/test_key_is_nowhere.py::test_no_page_of_the_settings_shows_a_key",
        "integrations/test_key_is_nowhere.py::test_a_dump_holds_no_key_in_any_form",
        "integrations/test_key_is_nowhere.py::test_no_log_line_and_no_message_carries_it",
    ],
    "a new encryption key": ["integrations/test_reencrypt.py::test_afterwards_the_old_key_is_not_needed"],
    "tokens in logs, DEBUG, TRACE, listings, .env": [
        "scheduling/test_join.py::test_no_log_line_has_a_token_in_it",
        "attacks/test_held.py::test_nothing_is_read_outside_its_folder",
        "attacks/test_held.py::test_an_unknown_page_tells_nothing_of_the_server",
    ],
}
