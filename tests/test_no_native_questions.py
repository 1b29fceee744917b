"""No page asks by the browser's own boxes: they say nothing about what is done, and stand outside of the page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
FILES = [
    *ROOT.glob("static/js/*.js"),
    *ROOT.glob("templates/**/*.html"),
    *ROOT.glob("integrations/sandbox/templates/**/*.html"),
]
#: htmx itself would ask by `confirm()`; static/js/question.js takes each `hx-confirm` over, and no `hx-prompt`.
NATIVE = re.compile(r"(?<![\w.-])(?:window\.)?(?:confirm|alert|prompt)\(|hx-prompt")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_native_box_is_opened(path: Path) -> None:
    assert NATIVE.findall(path.read_text()) == []


def test_pages_with_a_question_have_the_dialog_that_asks() -> None:
    asking = [path for path in FILES if "hx-confirm" in path.read_text()]
    assert asking
    assert 'id="question"' in (ROOT / "templates" / "partials" / "questions.html").read_text()
    assert "js/question.js" in (ROOT / "templates" / "partials" / "assets.html").read_text()
    assert not [path for path in asking if 'extends "visitor.html"' in path.read_text()]
