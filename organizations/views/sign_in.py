"""Sign in and out, confirm that it is you, and choose an organization."""

from __future__ import annotations

from typing import Any, cast

from allauth.account.internal.stagekit import get_pending_stage
from allauth.account.views import LoginView, LogoutView, ReauthenticateView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET
from django.views.generic import View

from organizations.forms import ConfirmForm, SignInForm
from organizations.mail_server import can_leave
from organizations.models import IdentityProvider, Membership, User
from organizations.sessions import local_path
from organizations.single_sign_on import gate


class SignIn(LoginView):  # type: ignore[misc]
    """Sign in with e-mail and password, then, after a second step if one is due, open the page that was asked for."""

    form_class = SignInForm


class SignInAgain(SignIn):
    """Sign in in a dialog above a page whose session has ended, for `static/js/session.js`.

    The address names the page's `user`. GET: 204 while that user is signed in, else the dialog, with status 401.
    POST: 204 after the right password, else the dialog with errors, 422. A 204 carries the page's new CSRF token,
    because signing in invalidates the one it has. While a second step is due, the dialog leads to its page in a new
    tab, and its button asks again with GET.
    """

    template_name = "account/sign_in_again.html"

    @method_decorator(never_cache)
    @method_decorator(sensitive_post_parameters("password"))
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # Not LoginView's, which sends those who are signed in, or half-way, to another page.
        return cast(HttpResponse, View.dispatch(self, request, *args, **kwargs))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self._is_here(request):
            return self._signed_in()
        response = self.next_step(401) or cast(HttpResponse, super().get(request, *args, **kwargs))
        response.status_code = 401
        return response

    def get_form_kwargs(self) -> dict[str, Any]:
        # The page below may have fields of the same names.
        return cast(dict[str, Any], super().get_form_kwargs()) | {"auto_id": "again_%s"}

    def form_valid(self, form: SignInForm) -> HttpResponse:
        led_on = super().form_valid(form)
        response = self._signed_in() if self.request.user.is_authenticated else self.next_step(422)
        if response is None:
            return redirect("sign-in")
        response.cookies.update(led_on.cookies)
        return response

    def form_invalid(self, form: SignInForm) -> HttpResponse:
        response = cast(HttpResponse, super().form_invalid(form))
        response.status_code = 422
        return response

    def next_step(self, status: int) -> HttpResponse | None:
        """Return the dialog that leads to the second step of a sign-in; None when none is due."""
        stage = get_pending_stage(self.request)
        if stage is None or not stage.urlname:
            return None
        context = {"address": reverse(stage.urlname)}
        return render(self.request, "account/sign_in_again_step.html", context, status=status)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = local_path(self.request, self.request.META.get("HTTP_REFERER", ""))
        has_sign_on = IdentityProvider.objects.exists()
        return cast(dict[str, Any], super().get_context_data(page=page, has_sign_on=has_sign_on, **kwargs))

    def _is_here(self, request: HttpRequest) -> bool:
        return request.user.is_authenticated and str(request.user.pk) == request.GET.get("user")

    def _signed_in(self) -> HttpResponse:
        return HttpResponse(status=204, headers={"X-CSRFToken": get_token(self.request)})


class SignOut(LogoutView):  # type: ignore[misc]
    """Sign out by POST. GET, as after a reload, only redirects."""

    http_method_names = ["get", "post", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        return redirect("start")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        by_provider = gate.SESSION_KEY in request.session
        response = cast(HttpResponse, super().post(request, *args, **kwargs))
        if by_provider:
            messages.info(request, _("You are signed out here. You may still be signed in at your provider."))
        return response


@method_decorator([never_cache, sensitive_post_parameters("password")], name="dispatch")
class Confirm(ReauthenticateView):  # type: ignore[misc]
    """Enter the password once more before something that matters, then go on with it."""

    form_class = ConfirmForm


@login_required
@never_cache
@require_GET
def no_way_to_confirm(request: HttpRequest) -> HttpResponse:
    """Say that the account has nothing to confirm with, and how it gets something."""
    return render(request, "account/confirm_none.html", {"can_mail": can_leave()})


@login_required
def start(request: HttpRequest) -> HttpResponse:
    """Redirect to the only organization, or let the person choose one."""
    rows = Membership.objects.select_related("organization").filter(user=cast(User, request.user))
    memberships = [row for row in rows.order_by("organization__name", "id") if not row.organization.is_closed]
    if len(memberships) == 1:
        return redirect("home", organization=memberships[0].organization.slug)
    return render(request, "organizations/start.html", {"memberships": memberships})
