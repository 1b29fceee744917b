"""Sign in and out, and choose an organization."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render

from organizations.forms import SignInForm
from organizations.models import Membership, User
from organizations.sessions import local_path
from organizations.throttle import remember_browser


class SignIn(LoginView):
    """Sign in with e-mail and password, then go on to the page that was asked for."""

    template_name = "organizations/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        remember_browser(self.request, response, form.get_user())
        return response


class SignInAgain(SignIn):
    """Sign in in a dialog above a page whose session has ended, for `static/js/session.js`.

    The address names the page's `user`. GET: 204 while that user is signed in, else the dialog, with status 401.
    POST: 204 after the right password, else the dialog with errors, 422. A 204 carries the page's new CSRF token,
    because signing in invalidates the one it has.
    """

    template_name = "organizations/sign_in_again.html"
    redirect_authenticated_user = False

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated and str(request.user.pk) == request.GET.get("user"):
            return self._signed_in()
        response = super().get(request, *args, **kwargs)
        response.status_code = 401
        return response

    def get_form_kwargs(self) -> dict[str, Any]:
        # The page below may have fields of the same names.
        return super().get_form_kwargs() | {"auto_id": "again_%s"}

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        known = super().form_valid(form)
        response = self._signed_in()
        response.cookies.update(known.cookies)
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 422
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = local_path(self.request, self.request.META.get("HTTP_REFERER", ""))
        return super().get_context_data(page=page, **kwargs)

    def _signed_in(self) -> HttpResponse:
        return HttpResponse(status=204, headers={"X-CSRFToken": get_token(self.request)})


class SignOut(LogoutView):
    """Sign out by POST. GET, as after a reload, only redirects."""

    http_method_names = ["get", "post", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        return redirect("start")


@login_required
def start(request: HttpRequest) -> HttpResponse:
    """Redirect to the only organization, or let the person choose one."""
    memberships = list(
        Membership.objects.select_related("organization")
        .filter(user=cast(User, request.user))
        .order_by("organization__name", "id")
    )
    if len(memberships) == 1:
        return redirect("home", organization=memberships[0].organization.slug)
    return render(request, "organizations/start.html", {"memberships": memberships})
