"""Every GraphQL document that Panelist sends to CodeSignal.

Tests validate each one against the vendor's published schema, and its cost and depth against the vendor's limits
(at most 10,000 and 10; `liveInterviews` costs its `first`, so looking up 20 addresses costs 20 x 50 = 1,000).

Lists ask for no feedback: it is nested, and only a fetched interview shows it.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Interviews asked for per address in one look-up by several addresses.
FIND_FIRST = 50

#: Interviews or templates asked for in one page of a listing.
PAGE_SIZE = 100

#: Addresses in one look-up.
MAX_EMAILS = 20


@dataclass(frozen=True, slots=True)
class Operation:
    """One document. `mutates` decides the meaning of a lost answer; `roots` are the names in its answer's `data`."""

    name: str
    document: str
    roots: tuple[str, ...]
    mutates: bool = False


_LINK = """
fragment Link on LiveInterview {
  id
  url
  status
  candidateName
  candidateEmail
  startDate
  finishDate
}
"""

COMPANY = Operation(
    "CheckCompany",
    """
query CheckCompany {
  company {
    id
    name
  }
}
""",
    ("company",),
)

READ_PROBE = Operation(
    "ReadProbe",
    """
query ReadProbe {
  liveInterviews(first: 1) {
    id
    company {
      id
      name
    }
  }
}
""",
    ("liveInterviews",),
)

#: Deletes an interview that can't exist: what the vendor complains about shows whether the key may write.
WRITE_PROBE = Operation(
    "WriteProbe",
    """
mutation WriteProbe($id: ID!) {
  deleteLiveInterview(id: $id)
}
""",
    ("deleteLiveInterview",),
    mutates=True,
)

CREATE = Operation(
    "CreateLink",
    """
mutation CreateLink($fields: LiveInterviewInput!) {
  createLiveInterview(interviewFields: $fields) {
    ...Link
  }
}
"""
    + _LINK,
    ("createLiveInterview",),
    mutates=True,
)

EDIT = Operation(
    "EditLink",
    """
mutation EditLink($id: ID!, $fields: LiveInterviewInput!) {
  editLiveInterview(id: $id, interviewFields: $fields) {
    ...Link
  }
}
"""
    + _LINK,
    ("editLiveInterview",),
    mutates=True,
)

DELETE = Operation(
    "DeleteLink",
    """
mutation DeleteLink($id: ID!) {
  deleteLiveInterview(id: $id)
}
""",
    ("deleteLiveInterview",),
    mutates=True,
)

FETCH = Operation(
    "FetchLink",
    """
query FetchLink($id: ID!) {
  liveInterview(liveInterviewId: $id) {
    ...Link
    interviewersFeedback {
      author {
        username
        profile {
          name
        }
      }
      notes
      recommendedLevel
      evaluation
      categories {
        name
        attributes {
          name
          score
          notes
        }
      }
    }
  }
}
"""
    + _LINK,
    ("liveInterview",),
)

LIST = Operation(
    "ListLinks",
    """
query ListLinks($email: String, $first: Int!, $offset: Int!) {
  liveInterviews(candidateEmail: $email, first: $first, offset: $offset) {
    ...Link
  }
}
"""
    + _LINK,
    ("liveInterviews",),
)

TEMPLATES = Operation(
    "ListTemplates",
    """
query ListTemplates($first: Int!, $offset: Int!) {
  interviewTemplates(first: $first, offset: $offset) {
    interviewTemplates {
      id
      name
      isCompanyDefault
    }
    pageInfo {
      hasNextPage
    }
  }
}
""",
    ("interviewTemplates",),
)


def find_by_emails(count: int) -> Operation:
    """Look up `count` addresses (1 to `MAX_EMAILS`) in one query; address `n` is `$e<n>`, its answer `e<n>`."""
    if not 1 <= count <= MAX_EMAILS:
        raise ValueError("count must be 1 to MAX_EMAILS")
    names = tuple(f"e{number}" for number in range(count))
    variables = ", ".join(f"${name}: String!" for name in names)
    fields = "\n".join(
        f"  {name}: liveInterviews(candidateEmail: ${name}, first: {FIND_FIRST}, offset: 0) {{ ...Link }}"
        for name in names
    )
    return Operation("FindLinks", f"query FindLinks({variables}) {{\n{fields}\n}}\n{_LINK}", names)
