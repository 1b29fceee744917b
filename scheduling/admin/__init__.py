"""Candidates, schedules, their links and messages in the Django admin.

Read only: links change through `scheduling.coding_links` alone, and interviews on the product's own pages, which
update their links.
"""

from scheduling.admin import calendars, candidates, links, mail_answers, messages, schedules  # noqa: F401 - they register models
