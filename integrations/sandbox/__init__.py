"""A local stand-in for CodeSignal and for calendar vendors, for trying the product out, tests and benchmarks.

It serves the part of the vendor's GraphQL API that this project uses, with the vendor's documented rules, and
a few pages for a person: API keys, webhooks, an interview page behind each link, and controls for faults. No product
code imports it, and it imports none; of Django it uses the templates and the paginator alone, from its first page on.

In the same process::

    from integrations.sandbox import Fault, Sandbox, Settings

    with Sandbox(settings=Settings(latency=0.3)) as sandbox:  # 127.0.0.1, a free port; in memory without a state_path
        key = sandbox.make_key(company="Acme Corp")  # permissions=ALL; sandbox.revoke(key)
        client(sandbox.graphql_url, key)
        sandbox.fault(Fault.DROP_AFTER, operation="createLiveInterview")           # the next one
        sandbox.fault(Fault.ERROR_500_BEFORE, probability=0.1, seed=1)             # a tenth of all
        sandbox.interviews(company="Acme Corp", live_only=True)                    # list of InterviewView
        sandbox.add_interview(candidate_email="ada@example.com")                   # made by somebody by hand
        sandbox.start_interview(id); sandbox.finish(id); sandbox.leave_feedback(id, evaluation="yes")
        sandbox.requests                             # list of RequestRecord; never the key
        sandbox.max_in_any_second("mutation"); sandbox.refused_by_rate_limit
        sandbox.wait_for_requests(3, "createLiveInterview")     # instead of sleeping
        sandbox.advance(3600)                                   # moves the vendor's clock, interviews expire
        sandbox.configure(rate_answer="200_errors", mutations_per_second=0)        # names of Settings

Calendars have a world of their own, `sandbox.calendars`, with vendors as surfaces over it: see
`integrations.sandbox.calendars` and `integrations.sandbox.google`.

In another process: `SandboxProcess(state_path)` starts, stops, kills and restarts one, `SandboxClient(url)`
talks to one that runs; both have the methods above. By hand: `python -m integrations.sandbox --port 8001
--state var/s.db`.

Choices made where the vendor documents nothing: rates are counted per key, once for queries and once for mutations,
and a request counts once however many aliases it has; an edit or a delete of a deleted interview is an error;
`liveInterviews` also lists deleted ones (setting `lists_deleted`), finds an address by its exact spelling, returns
20 when `first` is left out, and never in the order of creation.
"""

from integrations.sandbox.client import ControlError, SandboxClient, SandboxProcess
from integrations.sandbox.directory import VendorError
from integrations.sandbox.faults import Fault
from integrations.sandbox.limits import RequestRecord
from integrations.sandbox.model import ALL, Handshake, InterviewView, RateAnswer, Refusal, Settings
from integrations.sandbox.sandbox import NotLoopback, Sandbox
from integrations.sandbox.webhooks import HandshakeFailed, Webhook

__all__ = [
    "ALL",
    "ControlError",
    "Fault",
    "Handshake",
    "HandshakeFailed",
    "InterviewView",
    "NotLoopback",
    "RateAnswer",
    "Refusal",
    "RequestRecord",
    "Sandbox",
    "SandboxClient",
    "SandboxProcess",
    "Settings",
    "VendorError",
    "Webhook",
]
