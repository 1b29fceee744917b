"""Addresses of signing in and of the organization itself."""

from django.urls import path, re_path, register_converter
from django.urls.converters import StringConverter

from organizations.directory.views import scim
from organizations.single_sign_on import saml_views as saml
from organizations.single_sign_on import views as sign_on
from organizations.views import (
    Confirm,
    SignIn,
    SignInAgain,
    SignOut,
    address_change,
    branding,
    closing,
    erasure,
    first_steps,
    held,
    help,
    invitations,
    members,
    no_way_to_confirm,
    palette,
    passwords,
    roles,
    saved_filters,
    security,
    sessions,
    settings,
    single_sign_on,
    start,
    two_factors,
    zones,
)


class Base36(StringConverter):
    """A user's id as django-allauth writes it."""

    regex = "[0-9A-Za-z]+"


register_converter(Base36, "base36")

HERE = "o/<slug:organization>/settings/"

urlpatterns = [
    path("", start, name="start"),
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-in/again/", SignInAgain.as_view(), name="sign-in-again"),
    path("sign-in/single/", sign_on.ask, name="single-sign-on"),
    path("sign-in/single/<slug:organization>/", sign_on.begin, name="single-sign-on-begin"),
    path("sign-in/single/<slug:organization>/back/", sign_on.callback, name="single-sign-on-callback"),
    path("sign-in/single/<slug:organization>/confirm/", sign_on.confirm, name="single-sign-on-confirm"),
    path("sign-in/single/<slug:organization>/saml/", saml.consume, name="single-sign-on-saml"),
    path("sign-in/single/<slug:organization>/saml/metadata/", saml.metadata, name="single-sign-on-saml-metadata"),
    path("zones/", zones.find, name="zones"),
    path("logo/<str:token>.png", branding.logo, name="logo"),
    path("accent/<str:colour>.css", branding.accent_stylesheet, name="accent"),
    path("sign-out/", SignOut.as_view(), name="sign-out"),
    path("password/", passwords.Forgotten.as_view(), name="password-forgotten"),
    path("password/<base36:uidb36>-<str:key>/", passwords.NewPassword.as_view(), name="password-new"),
    path("password/<str:uidb64>/<str:token>/", passwords.moved, name="password-moved"),
    path("account/confirm/", Confirm.as_view(), name="account_reauthenticate"),
    path("account/data/", held.own, name="account-data"),
    path("account/delete/", erasure.own_account, name="account-delete"),
    path("account/address/<str:token>/", address_change.confirm, name="address-confirm"),
    path("account/confirm/no-way/", no_way_to_confirm, name="account-no-way"),
    path("account/confirm/code/", two_factors.ConfirmByCode.as_view(), name="mfa_reauthenticate"),
    path("account/confirm/passkey/", two_factors.ConfirmByPasskey.as_view(), name="mfa_reauthenticate_webauthn"),
    path("sign-in/code/", two_factors.SecondStep.as_view(), name="mfa_authenticate"),
    path("sign-in/passkey/", two_factors.PasskeySignIn.as_view(), name="mfa_login_webauthn"),
    path("account/two-factors/", two_factors.overview, name="mfa_index"),
    path("account/two-factors/app/", two_factors.AddApp.as_view(), name="mfa_activate_totp"),
    path("account/two-factors/app/remove/", two_factors.RemoveApp.as_view(), name="mfa_deactivate_totp"),
    path("account/two-factors/codes/", two_factors.RecoveryCodes.as_view(), name="mfa_view_recovery_codes"),
    path("account/two-factors/codes/new/", two_factors.NewRecoveryCodes.as_view(), name="mfa_generate_recovery_codes"),
    path("account/two-factors/passkeys/add/", two_factors.AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("account/two-factors/passkeys/options/", two_factors.passkey_options, name="passkey-options"),
    path(
        "account/two-factors/passkeys/<int:pk>/remove/", two_factors.RemovePasskey.as_view(), name="mfa_remove_webauthn"
    ),
    path("invitations/<str:token>/", invitations.accept, name="invitation"),
    re_path(r"^scim/v2(?:/(?P<rest>.*))?$", scim, name="scim"),
    path("o/<slug:organization>/find/", palette.find, name="find"),
    path("o/<slug:organization>/help/", help.help_page, name="help"),
    path("o/<slug:organization>/help/<slug:page>/", help.help_page, name="help-page"),
    path(HERE, settings.settings, name="settings"),
    path(f"{HERE}delete/", closing.delete, name="settings-delete"),
    path(f"{HERE}delete/call-off/", closing.call_off, name="settings-delete-call-off"),
    path(f"{HERE}checklist/", first_steps.checklist, name="settings-checklist"),
    path(f"{HERE}test-mail/", first_steps.test_mail, name="settings-test-mail"),
    path(f"{HERE}invite/", first_steps.invite, name="settings-invite-dialog"),
    path(f"{HERE}single-sign-on/", single_sign_on.single_sign_on, name="settings-single-sign-on"),
    path(f"{HERE}single-sign-on/domains/add/", single_sign_on.domain_add, name="settings-domain-add"),
    path(f"{HERE}domains/<int:pk>/check/", single_sign_on.domain_check, name="settings-domain-check"),
    path(f"{HERE}domains/<int:pk>/remove/", single_sign_on.domain_remove, name="settings-domain-remove"),
    path(f"{HERE}single-sign-on/provider/", single_sign_on.provider_save, name="settings-provider"),
    path(f"{HERE}single-sign-on/saml/", single_sign_on.saml_save, name="settings-provider-saml"),
    path(f"{HERE}single-sign-on/provider/check/", single_sign_on.provider_check, name="settings-provider-check"),
    path(f"{HERE}single-sign-on/provider/remove/", single_sign_on.provider_remove, name="settings-provider-remove"),
    path(f"{HERE}single-sign-on/required/", single_sign_on.provider_require, name="settings-provider-required"),
    path(f"{HERE}directory/", single_sign_on.directory, name="settings-directory"),
    path(f"{HERE}directory/tokens/create/", single_sign_on.token_create, name="settings-token-create"),
    path(f"{HERE}directory-tokens/<int:pk>/renew/", single_sign_on.token_renew, name="settings-token-renew"),
    path(f"{HERE}directory-tokens/<int:pk>/end/", single_sign_on.token_end, name="settings-token-end"),
    path(f"{HERE}directory/default-role/", single_sign_on.default_role, name="settings-default-role"),
    path(f"{HERE}directory/groups/add/", single_sign_on.group_role_add, name="settings-group-role-add"),
    path(f"{HERE}group-roles/<int:pk>/remove/", single_sign_on.group_role_remove, name="settings-group-role-remove"),
    path(f"{HERE}security/", security.security, name="settings-security"),
    path(f"{HERE}security/export/", security.export, name="settings-security-export"),
    path(f"{HERE}security/keep/", security.keep, name="settings-security-keep"),
    path(f"{HERE}roles/", roles.roles, name="settings-roles"),
    path(f"{HERE}profile/", members.profile, name="settings-profile"),
    path(f"{HERE}profile/password/", members.password, name="settings-profile-password"),
    path(f"{HERE}profile/address/", address_change.ask, name="settings-profile-address"),
    path(f"{HERE}profile/address/cancel/", address_change.cancel, name="settings-profile-address-cancel"),
    path("o/<slug:organization>/filters/<slug:rows>/", saved_filters.dialog, name="saved-filters"),
    path(f"{HERE}profile/sessions/", sessions.own, name="settings-profile-sessions"),
    path(f"{HERE}profile/sessions/end/", sessions.end, name="settings-profile-session-end"),
    path(f"{HERE}profile/sessions/end-others/", sessions.end_others, name="settings-profile-sessions-end-others"),
    path(f"{HERE}two-factors/", two_factors.rule, name="settings-two-factors"),
    path(f"{HERE}members/", members.members, name="settings-members"),
    path(f"{HERE}members/former/", held.former_members, name="settings-former-members"),
    path(f"{HERE}members/former/data/", held.of_former, name="settings-former-member-data"),
    path(f"{HERE}members/former/forget/", held.forget, name="settings-former-member-forget"),
    path(f"{HERE}members/<int:pk>/data/", held.of_member, name="settings-member-data"),
    path(f"{HERE}members/invite/", invitations.invite, name="settings-invite"),
    path(f"{HERE}members/invitations/<int:pk>/again/", invitations.send_again, name="settings-invitation-again"),
    path(f"{HERE}members/invitations/<int:pk>/link/", invitations.show_link, name="settings-invitation-link"),
    path(f"{HERE}members/invitations/<int:pk>/withdraw/", invitations.withdraw, name="settings-invitation-withdraw"),
    path(f"{HERE}members/<int:pk>/", members.member, name="settings-member"),
    path(f"{HERE}members/<int:pk>/remove/", members.remove, name="settings-member-remove"),
    path(f"{HERE}members/<int:pk>/sign-out/", sessions.end_all_of_member, name="settings-member-sign-out"),
    path(
        f"{HERE}members/<int:pk>/two-factors/remove/",
        two_factors.take_off_for_member,
        name="settings-member-two-factors-remove",
    ),
    path(f"{HERE}members/<int:pk>/days-off/", members.add_days_off, name="settings-member-days-off"),
    path(f"{HERE}members/<int:pk>/days-off/remove/", members.remove_days_off, name="settings-member-days-off-remove"),
]

#: The names by which django-allauth leads to the same pages. Its other pages are not mounted.
urlpatterns += [
    path("sign-in/", SignIn.as_view(), name="account_login"),
    path("sign-out/", SignOut.as_view(), name="account_logout"),
    path("password/", passwords.Forgotten.as_view(), name="account_reset_password"),
    path(
        "password/<base36:uidb36>-<str:key>/", passwords.NewPassword.as_view(), name="account_reset_password_from_key"
    ),
]
