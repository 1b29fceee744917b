"""CodeSignal as a coding tool: the contract's calls in its operations, its answers in the contract's shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.utils.translation import gettext_noop as _

from integrations.base import (
    Account,
    CredentialsRejected,
    Found,
    Gone,
    Limits,
    LinkRequest,
    OutcomeUnknown,
    Pacer,
    Permission,
    Refused,
    Template,
    ToolInfo,
    VendorLink,
    VendorStatus,
    Verdict,
    WebhookEvent,
)
from integrations.codesignal import errors, queries, shapes, webhooks
from integrations.codesignal.client import ApiKey, Call, Client
from integrations.codesignal.listing import Listing
from integrations.transport import DEFAULT_TIMEOUT

#: A link's time, from its creation.
MIN_LIFETIME = timedelta(hours=1)
MAX_LIFETIME = timedelta(hours=336)


def codesignal_info() -> ToolInfo:
    """The tool as its pages and the queue know it, with the waiting times that the settings have now.

    CodeSignal documents 10 requests per second for the queries used here, and for mutations only that "common values
    are 10 or 5 per second"; the lower one is safe. Addresses per look-up: each costs its `first` (50), so 20 cost
    1,000 of the 10,000 that one query may.
    """
    return ToolInfo(
        kind="codesignal",
        name="CodeSignal",
        description=_("Live coding interviews in a shared editor, with your own question templates."),
        limits=Limits(
            writes_per_second=5.0,
            reads_per_second=10.0,
            max_lifetime=MAX_LIFETIME,
            emails_per_look_up=queries.MAX_EMAILS,
            timeout=float(settings.CODESIGNAL_TIMEOUT),
            settle=timedelta(seconds=settings.LINK_SETTLE_SECONDS),
        ),
        permissions=(
            Permission(errors.PERMISSION_BASE, _("Use live interviews")),
            Permission(errors.PERMISSION_COMPANY, _("Use live interviews of your whole company")),
            Permission(errors.PERMISSION_READ, _("Read links, their status and feedback")),
            Permission(errors.PERMISSION_WRITE, _("Create, change and delete links")),
        ),
        problems=errors.PROBLEMS,
    )


def codesignal_tool(api_key: str, api_url: str = "", *, pacer: Pacer | None = None) -> CodeSignalTool:
    """The tool with this key, at the address and with the timeout of the settings."""
    silence = float(settings.CODESIGNAL_TIMEOUT)
    return CodeSignalTool(
        api_key, api_url=api_url or str(settings.CODESIGNAL_API_URL), timeout=(min(5.0, silence), silence), pacer=pacer
    )


#: Passes for an id, even where ids are 24 hexadecimal digits, but no generator makes it: no interview can have it.
IMPOSSIBLE_ID = "0" * 24

#: Interviews looked at for one address before a look-up is given up as incomplete.
MOST_PER_EMAIL = 500
MOST_TEMPLATES = 200


def codesignal_trial_key() -> str:
    """A key of the stand-in, where this installation has one; empty elsewhere."""
    return str(settings.CODESIGNAL_TRIAL_KEY)


class CodeSignalTool:
    """CodeSignal with one key. `integrations.base.CodingTool` has the promises of each method.

    `timeout`: seconds to connect and seconds of silence. Interviews in lists come without feedback; `fetch_link` has
    it. Look-ups and lists may take several requests, one after the other; `check_credentials` takes three; a mutation
    takes exactly one.
    """

    def __init__(
        self,
        api_key: str,
        *,
        api_url: str,
        timeout: tuple[float, float] = DEFAULT_TIMEOUT,
        pacer: Pacer | None = None,
    ) -> None:
        self.info = codesignal_info()
        self._client = Client(ApiKey(api_key), api_url, timeout=timeout, pacer=pacer)

    # -- the key ---------------------------------------------------------------------------------------------------

    def check_credentials(self) -> Account:
        """Check the key: ask for the company and for one interview, and to delete an interview that can't exist.

        Raises `CredentialsRejected` when the key is not accepted or everything is denied to it. A key that may not
        ask for its company is told from the first interview's; with no interview, the company stays empty.
        """
        denied: list[CredentialsRejected] = []
        company = self._probe(queries.COMPANY, denied).get("company")
        interviews = self._probe(queries.READ_PROBE, denied).get("liveInterviews")
        read = Verdict.YES if isinstance(interviews, list) else Verdict.NO
        write = self._may_write(denied)
        if len(denied) == 3:
            named = _named(denied)
            raise errors.rejected("permission_missing" if named else "everything_denied", missing=named)
        if not isinstance(company, dict) and isinstance(interviews, list) and interviews:
            company = interviews[0].get("company") if isinstance(interviews[0], dict) else None
        known = company if isinstance(company, dict) else {}
        verdicts = _verdicts(read, write, _named(denied))
        return Account(
            company_id=shapes.identifier(known.get("id")),
            company_name=shapes.text(known.get("name")),
            permissions=verdicts,
            denied=Verdict.NO in (read, write) and Verdict.NO not in verdicts.values(),
        )

    def _probe(self, operation: queries.Operation, denied: list[CredentialsRejected]) -> dict[str, object]:
        """The answer's data; empty, with `denied` grown, when this one operation is denied."""
        try:
            data = self._client.run(Call(operation))
        except CredentialsRejected as rejection:
            if operation is queries.COMPANY and rejection.code != "permission_missing":
                raise
            denied.append(rejection)
            return {}
        if not isinstance(data.get(operation.roots[0]), (dict, list)):
            raise errors.retryable("unreadable")
        return data

    def _may_write(self, denied: list[CredentialsRejected]) -> Verdict:
        try:
            self._client.run(Call(queries.WRITE_PROBE, {"id": IMPOSSIBLE_ID}))
        except CredentialsRejected as rejection:
            denied.append(rejection)
            return Verdict.NO
        except Gone:
            return Verdict.YES
        except (Refused, OutcomeUnknown) as doubt:
            code = doubt.code
        else:
            code = ""
        if code in ("timeout", "connection_lost"):  # the network's doing, which says nothing about the key
            raise errors.retryable(code)
        return Verdict.UNKNOWN

    # -- one link --------------------------------------------------------------------------------------------------

    def create_link(self, request: LinkRequest) -> VendorLink:
        if request.lifetime is None:
            raise errors.refused("lifetime")
        return self._written(Call(queries.CREATE, {"fields": _fields(request)}))

    def update_link(self, external_id: str, request: LinkRequest) -> VendorLink:
        """The vendor does not say from when a new lifetime counts; ours counts from creation, the safe reading."""
        link = self._written(Call(queries.EDIT, {"id": external_id, "fields": _fields(request)}))
        if link.external_id != external_id:
            raise errors.lost("unreadable", mutates=True)
        return link

    def cancel_link(self, external_id: str) -> None:
        try:
            deleted = self._client.run(Call(queries.DELETE, {"id": external_id})).get("deleteLiveInterview")
        except Gone:
            return
        if not shapes.identifier(deleted):
            raise errors.lost("unreadable", mutates=True)

    def fetch_link(self, external_id: str) -> VendorLink | None:
        """How the vendor answers for an interview that it does not have is not documented. An error that says so is
        believed at once; a bare null may as well be a fault, so only two in a row are taken for an answer."""
        call = Call(queries.FETCH, {"id": external_id})
        try:
            data = self._client.run(call)
            if data.get("liveInterview", "") is None:
                data = self._client.run(call)
        except Gone:
            return None
        if data.get("liveInterview", "") is None:
            return None
        link = shapes.link(data.get("liveInterview"))
        if link is None or link.external_id != external_id:
            raise errors.retryable("unreadable")
        return link if link.status is not VendorStatus.DELETED else None

    def _written(self, call: Call) -> VendorLink:
        """The interview that a mutation answers with. Without an id or an address it may still have been made."""
        link = shapes.link(self._client.run(call).get(call.operation.roots[0]))
        if link is None:
            raise errors.lost("unreadable", mutates=True)
        return link

    # -- many links ------------------------------------------------------------------------------------------------

    def find_links(self, emails: Sequence[str]) -> dict[str, Found]:
        """Find the interviews of each address.

        How loosely the vendor matches addresses is not documented, so only those that differ at most in case count.
        A blank address can't be looked up: its answer is empty and not complete.
        """
        found = {email: Found(complete=False) for email in emails}
        wanted = [email for email in found if email.strip()]
        for start in range(0, len(wanted), queries.MAX_EMAILS):
            found.update(self._find_batch(wanted[start : start + queries.MAX_EMAILS]))
        return found

    def _find_batch(self, emails: Sequence[str]) -> dict[str, Found]:
        operation = queries.find_by_emails(len(emails))
        data = self._client.run(Call(operation, dict(zip(operation.roots, emails, strict=True))))
        found: dict[str, Found] = {}
        for root, email in zip(operation.roots, emails, strict=True):
            listing = Listing(page_size=queries.FIND_FIRST, most=MOST_PER_EMAIL)
            listing.add(data.get(root))
            listing.fill(partial(self._page, email))
            found[email] = listing.found(email)
        return found

    def list_links(self, *, most: int) -> Found:
        listing = Listing(page_size=queries.PAGE_SIZE, most=most)
        listing.fill(partial(self._page, None))
        return listing.found()

    def _page(self, email: str | None, first: int, offset: int) -> object:
        call = Call(queries.LIST, {"email": email, "first": first, "offset": offset})
        return self._client.run(call).get("liveInterviews")

    def list_templates(self) -> list[Template]:
        templates: dict[str, Template] = {}
        for offset in range(0, MOST_TEMPLATES, queries.PAGE_SIZE):
            variables = {"first": queries.PAGE_SIZE, "offset": offset}
            page = self._client.run(Call(queries.TEMPLATES, variables)).get("interviewTemplates")
            if not isinstance(page, dict) or not isinstance(page.get("interviewTemplates"), list):
                raise errors.retryable("unreadable")
            for item in page["interviewTemplates"]:
                if (template := shapes.template(item)) is not None:
                    templates.setdefault(template.id, template)
            info = page.get("pageInfo")
            if not isinstance(info, dict) or info.get("hasNextPage") is not True:
                break
        return list(templates.values())[:MOST_TEMPLATES]

    # -- webhooks --------------------------------------------------------------------------------------------------

    def verify_webhook(self, *, url: str, secret: str, headers: Mapping[str, str], body: Mapping[str, object]) -> bool:
        return webhooks.verify(url=url, secret=secret, headers=headers, body=body)

    def parse_webhook(self, body: Mapping[str, object]) -> WebhookEvent | None:
        return webhooks.parse(body)


def _fields(request: LinkRequest) -> dict[str, object]:
    """`LiveInterviewInput` of a request. Raises `Refused` for a lifetime that the vendor does not allow."""
    fields: dict[str, object] = {}
    if request.lifetime is None:
        # An edit: an address that was taken away is taken away there too.
        fields["candidateEmail"] = None
    elif MIN_LIFETIME <= request.lifetime <= MAX_LIFETIME:
        fields["expirationTime"] = request.lifetime // timedelta(milliseconds=1)
    else:
        raise errors.refused("lifetime")
    if request.candidate_name:
        fields["candidateName"] = request.candidate_name
    if request.candidate_email:
        fields["candidateEmail"] = request.candidate_email
    if request.template_id:
        fields |= {"templateId": request.template_id, "lockTemplate": request.template_locked}
    return fields


def _named(denied: Sequence[CredentialsRejected]) -> tuple[str, ...]:
    return tuple(sorted({name for rejection in denied for name in rejection.missing}))


def _verdicts(read: Verdict, write: Verdict, named: Sequence[str]) -> dict[str, Verdict]:
    """A verdict for each permission. Those named are missing; a request that worked proves the two general ones too.

    Without the general permissions the particular ones do nothing, ticked or not. So what is denied without a name is
    known to be missing only where the other kind of request shows that the general ones are there.
    """
    works = Verdict.YES in (read, write)
    general = Verdict.YES if works else Verdict.UNKNOWN
    verdicts = {
        errors.PERMISSION_BASE: general,
        errors.PERMISSION_COMPANY: general,
        errors.PERMISSION_READ: read,
        errors.PERMISSION_WRITE: write,
    }
    if not works:
        verdicts = dict.fromkeys(verdicts, Verdict.UNKNOWN)
    return verdicts | dict.fromkeys(named, Verdict.NO)
