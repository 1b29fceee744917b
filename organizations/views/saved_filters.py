"""The dialog with a member's saved filters of one list: add, rename and delete."""

from __future__ import annotations

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from organizations import htmx, saved_filters
from organizations.access import AccessRequest, allowed
from organizations.forms import StyledFormMixin
from organizations.models import SavedFilter
from organizations.parameters import row_id
from organizations.permissions import Permission


class SavedFilterForm(StyledFormMixin, forms.ModelForm[SavedFilter]):
    class Meta:
        model = SavedFilter
        fields = ["name"]
        labels = {"name": _("Name of the filter")}


@allowed(Permission.OWN_PROFILE)
@require_http_methods(["GET", "POST"])
def dialog(request: AccessRequest, rows: str) -> HttpResponse:
    """Show the filters with the form that keeps the one in the address; add, rename or delete one."""
    if rows not in saved_filters.PAGES:
        raise Http404
    if request.method != "POST":
        return _dialog(request, rows, SavedFilterForm(auto_id="saved-%s"))
    action = {"add": _add, "rename": _rename, "delete": _delete}.get(request.POST.get("do", ""))
    if action is None:
        raise Http404
    return action(request, rows)


def _add(request: AccessRequest, page: str) -> HttpResponse:
    form = SavedFilterForm(request.POST, auto_id="saved-%s")
    if form.is_valid():
        query = request.POST.get("query", "")
        try:
            made = saved_filters.add(
                membership=request.access.membership, page=page, name=form.cleaned_data["name"], query=query
            )
        except saved_filters.NotSaved as refused:
            form.add_error("name", str(refused))
        else:
            return htmx.redirect(request, f"{request.access.url(page)}?{made.query}")
    return _dialog(request, page, form)


def _rename(request: AccessRequest, page: str) -> HttpResponse:
    saved = _find(request, page)
    form = SavedFilterForm(request.POST, instance=saved, auto_id=f"saved-{saved.pk}-%s")
    if form.is_valid():
        try:
            saved_filters.rename(saved=_find(request, page), name=form.cleaned_data["name"])
        except saved_filters.NotSaved as refused:
            form.add_error("name", str(refused))
        else:
            return _dialog(request, page, SavedFilterForm(auto_id="saved-%s"))
    return _dialog(request, page, SavedFilterForm(auto_id="saved-%s"), wrong=form)


def _delete(request: AccessRequest, page: str) -> HttpResponse:
    _find(request, page).delete()
    return _dialog(request, page, SavedFilterForm(auto_id="saved-%s"))


def _find(request: AccessRequest, page: str) -> SavedFilter:
    own = SavedFilter.objects.filter(membership=request.access.membership, page=page)
    return get_object_or_404(own, pk=row_id(request.POST.get("filter")) or 0)


def _dialog(
    request: AccessRequest, page: str, form: SavedFilterForm, wrong: SavedFilterForm | None = None
) -> HttpResponse:
    query = request.POST.get("query") if request.method == "POST" else request.GET.urlencode()
    shown = [
        wrong
        if wrong is not None and wrong.instance.pk == saved.pk
        else SavedFilterForm(instance=saved, auto_id=f"saved-{saved.pk}-%s")
        for saved in saved_filters.of(request.access.membership, page)
    ]
    context = {"form": form, "shown": shown, "page": page, "query": saved_filters.kept_part(query or "")}
    context |= {"list": request.access.url(page), "is_full": len(shown) >= saved_filters.MOST}
    status = 422 if form.errors or wrong is not None else 200
    return render(request, "organizations/saved_filters.html", context, status=status)
