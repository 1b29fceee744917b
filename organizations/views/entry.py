"""Signing in, and finding one's organization."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from organizations.forms import SignInForm
from organizations.models import Membership, User
from organizations.throttle import remember_browser


class SignIn(LoginView):
    """E-mail and password; leads on to where the visitor wanted to go."""

    template_name = "organizations/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        remember_browser(self.request, response, form.get_user())
        return response


@login_required
def start(request: HttpRequest) -> HttpResponse:
    """Leads to the one organization, or lets choose."""
    memberships = list(
        Membership.objects.select_related("organization")
        .filter(user=cast(User, request.user))
        .order_by("organization__name", "id")
    )
    if len(memberships) == 1:
        return redirect("home", organization=memberships[0].organization.slug)
    return render(request, "organizations/start.html", {"memberships": memberships})
