"""Choose mutants: small faults, made inside of functions by mutmut's operators, each of which a test should notice.

A comparison turned around, an argument left out, a number one higher, a text in capitals.
"""

from __future__ import annotations

import ast
import difflib
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# The subjects, each with its modules, as patterns below scheduling/.
SUBJECTS = {
    "coding links": ("coding_links/*.py",),
    "messages": ("messages/*.py", "calendar_events/*.py"),
    "availability": ("availability/*.py", "schedules/day_view.py"),
}


@dataclass(frozen=True)
class Mutant:
    """One fault: where it is, what it changes, and the code that takes the function's place."""

    path: str
    line: int
    function: str
    removed: tuple[str, ...]
    added: tuple[str, ...]
    # The lines of the statement that holds the fault, first and last.
    statement: tuple[int, int] = field(compare=False)
    code: CodeType = field(compare=False, repr=False)

    @property
    def key(self) -> str:
        """A key that stays the same for the same fault, wherever in the file its lines stand."""
        return "\n".join([f"{self.path} {self.function}", *self.removed, "->", *self.added])

    def __str__(self) -> str:
        changes = [*(f"    - {line}" for line in self.removed), *(f"    + {line}" for line in self.added)]
        return "\n".join([f"{self.path}:{self.line} {self.function}", *changes])


def modules(subject: str) -> list[Path]:
    return sorted({path for pattern in SUBJECTS[subject] for path in (ROOT / "scheduling").glob(pattern)})


def all_modules() -> list[Path]:
    return [path for subject in SUBJECTS for path in modules(subject)]


def subject_of(mutant: Mutant) -> str:
    return next(subject for subject in SUBJECTS if ROOT / mutant.path in modules(subject))


def sample(seed: int, size: int) -> tuple[list[Mutant], int]:
    """Choose among all mutants, the same for the same seed and sources. Return also how many there are."""
    makers = [maker for path in all_modules() for maker in makers_for(path)]
    many = len(makers)
    random.Random(seed).shuffle(makers)
    chosen: dict[str, Mutant] = {}
    while makers and len(chosen) < size:
        mutant = makers.pop()()
        if mutant is not None:
            chosen.setdefault(mutant.key, mutant)
    return list(chosen.values()), many


def makers_for(path: Path) -> list[Callable[[], Mutant | None]]:
    """A function for each mutant of a file, which makes it: to make all of them takes minutes."""
    from mutmut.mutation.file_mutation import create_mutations

    source = without_decorators(path.read_text())
    module, mutations, *_ = create_mutations(str(path), source)

    def maker(mutation: Any) -> Callable[[], Mutant | None]:
        def make() -> Mutant | None:
            changed = module.deep_replace(mutation.original_node, mutation.mutated_node).code
            return mutant_of(path, source, changed)

        return make

    return [maker(each) for each in mutations if each.contained_by_top_level_function is not None]


def without_decorators(source: str) -> str:
    """Turn decorators into comments, so that lines keep their numbers.

    mutmut passes over decorated functions. Here only a function's code is exchanged, so it stays decorated.
    """
    lines = source.splitlines(keepends=True)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.decorator_list:
            for number in range(node.decorator_list[0].lineno - 1, node.lineno - 1):
                lines[number] = "#" + lines[number]
    return "".join(lines)


def mutant_of(path: Path, source: str, changed: str) -> Mutant | None:
    """The mutant of this change. None where no code can be exchanged: a default value, or not valid Python."""
    try:
        before, after = (functions(compile(text, str(path), "exec", dont_inherit=True)) for text in (source, changed))
    except (SyntaxError, ValueError):
        return None
    old, new = source.splitlines(), changed.splitlines()
    codes = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    blocks = [block for block in codes if block[0] != "equal"]
    if not blocks:
        return None
    line = blocks[0][1] + 1
    above = [(code.co_firstlineno, name) for name, code in before.items() if code.co_firstlineno <= line]
    name = max(above)[1] if above else ""
    if name not in after or after[name].co_freevars != before[name].co_freevars:
        return None
    if after[name].replace(co_linetable=before[name].co_linetable) == before[name]:
        return None
    return Mutant(
        path=str(path.relative_to(ROOT)),
        line=line,
        function=name,
        removed=tuple(text.strip() for _, start, end, *_ in blocks for text in old[start:end]),
        added=tuple(text.strip() for *_, start, end in blocks for text in new[start:end]),
        statement=statement_at(source, line),
        code=after[name],
    )


def functions(code: CodeType) -> dict[str, CodeType]:
    """The functions and methods of a module or class, without those inside of functions."""
    found: dict[str, CodeType] = {}
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            # Only a function's locals are optimized (the first flag); a class body's are not.
            found |= {constant.co_qualname: constant} if constant.co_flags & 1 else functions(constant)
    return found


def statement_at(source: str, line: int) -> tuple[int, int]:
    """The first and last line of the innermost statement at a line; of a compound one only its head."""
    best = (line, line)
    size = len(source)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            end = body[0].lineno - 1 if body else node.end_lineno or node.lineno
            if node.lineno <= line <= max(end, node.lineno) and end - node.lineno < size:
                best, size = (node.lineno, max(end, node.lineno)), end - node.lineno
    return best
