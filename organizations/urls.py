"""Addresses of signing in and of the organization itself."""

from django.urls import path

from organizations.views import SignIn, SignInAgain, SignOut, invitations, members, passwords, security, settings, start

HERE = "o/<slug:organization>/settings/"

urlpatterns = [
    path("", start, name="start"),
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-in/again/", SignInAgain.as_view(), name="sign-in-again"),
    path("sign-out/", SignOut.as_view(), name="sign-out"),
    path("password/", passwords.forgotten, name="password-forgotten"),
    path("password/<str:uidb64>/<str:token>/", passwords.NewPassword.as_view(), name="password-new"),
    path("invitations/<str:token>/", invitations.accept, name="invitation"),
    path(HERE, settings.settings, name="settings"),
    path(f"{HERE}security/", security.security, name="settings-security"),
    path(f"{HERE}profile/", members.profile, name="settings-profile"),
    path(f"{HERE}profile/name/", members.name, name="settings-profile-name"),
    path(f"{HERE}profile/time-zone/", members.time_zone, name="settings-profile-time-zone"),
    path(f"{HERE}profile/password/", members.password, name="settings-profile-password"),
    path(f"{HERE}members/", members.members, name="settings-members"),
    path(f"{HERE}members/invite/", invitations.invite, name="settings-invite"),
    path(f"{HERE}members/invitations/<int:pk>/again/", invitations.send_again, name="settings-invitation-again"),
    path(f"{HERE}members/invitations/<int:pk>/withdraw/", invitations.withdraw, name="settings-invitation-withdraw"),
    path(f"{HERE}members/<int:pk>/", members.member, name="settings-member"),
    path(f"{HERE}members/<int:pk>/role/", members.role, name="settings-member-role"),
    path(f"{HERE}members/<int:pk>/remove/", members.remove, name="settings-member-remove"),
    path(f"{HERE}members/<int:pk>/hours/", members.hours, name="settings-member-hours"),
    path(f"{HERE}members/<int:pk>/days-off/", members.add_days_off, name="settings-member-days-off"),
    path(f"{HERE}members/<int:pk>/days-off/remove/", members.remove_days_off, name="settings-member-days-off-remove"),
]
