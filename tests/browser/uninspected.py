"""Which addresses `test_every_page` opens in a way of their own, and which ones it leaves out, each with its reason."""

from __future__ import annotations

from typing import Final

#: Addresses below an organization that answer with no page and no dialog, and why nothing is lost.
LEFT_OUT: Final = {
    "candidate-find": "part of “New schedule”",
    "find": "part of the palette, which is opened below",
    "link-history": "part of a link's row",
    "links-progress": "no content of its own",
    "message-row": "part of Communications",
    "schedule-join-links": "part of Communications",
    "schedule-messages": "part of Communications",
    "settings-integration-connection": "part of the integration's page",
    "candidates-import-example": "a file",
    "schedule-day": "data for the day view",
    "message-html": "a mail, which has tests of its own",
    "outbox-html": "a mail, which has tests of its own",
    "outbox-part": "a mail, which has tests of its own",
    "outbox-mail": "of the demo alone: in `tests.browser.tour`",
    "own-calendar-consent": "leads to a calendar vendor",
    "interview-join": "leads to a join link",
}
#: The same of addresses for visitors.
WITHOUT_PAGE: Final = {
    **dict.fromkeys(
        [
            "healthz",
            "readyz",
            "metrics",
            "security-txt",
            "webhook",
            "calendar-notices",
            "scim",
            "join-calendar",
            "passkey-options",
        ],
        "no page",
    ),
    **dict.fromkeys(["logo", "accent", "single-sign-on-saml-metadata"], "a file"),
    **dict.fromkeys(["sign-out", "account-data", "mfa_deactivate_totp", "mfa_generate_recovery_codes"], "posts only"),
    **dict.fromkeys(["start", "password-moved", "join-enter", "join-meet", "single-sign-on-begin"], "leads on"),
    "single-sign-on-callback": "answers a provider: its refusal has tests of its own",
    "calendar-consent-back": "answers a calendar vendor: its refusal has tests of its own",
    "single-sign-on-saml": "answers a provider",
    "single-sign-on-confirm": "answers a provider",
    "mfa_login_webauthn": "data for a passkey",
    "mfa_reauthenticate_webauthn": "needs a passkey: test_two_factors_browser",
    "mfa_remove_webauthn": "needs a passkey: test_two_factors_browser",
    "zones": "the list below a time zone: test_zones_browser",
    "account-no-way": "for accounts that nothing can confirm: test_people_browser",
    "address-confirm": "needs a mail: test_people_browser",
    "mfa_reauthenticate": "with a second step alone: test_two_factors_browser",
    "sign-in-again": "part of the session's dialog: test_session_over",
}
#: Pages for visitors that are opened, with what a mail or a colleague would have given to them.
OF_VISITORS: Final = ["sign-in", "single-sign-on", "password-forgotten", "password-new", "invitation", "join"]
#: Pages of one's own account, for those who have signed in.
OWN: Final = [
    "account_reauthenticate",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "account-delete",
]
#: These two are opened once there is a second step.
WITH_SECOND_STEP: Final = ["mfa_authenticate", "mfa_view_recovery_codes"]
