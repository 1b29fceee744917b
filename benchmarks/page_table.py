"""Pages beside their bounds: a table for each database, with every figure, also those beyond their bound."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.results import put_section, table

TITLES = {"sqlite": "Pages on SQLite", "postgresql": "Pages on PostgreSQL"}
GROWTH, QUERIES = 1.2, 12
#: Median milliseconds over HTTP and milliseconds of CPU of lists of fifty, and of Home.
LIST_MS, LIST_CPU, HOME_MS = 30, 25, 40
LISTS = ("Schedules", "Candidates", "Jobs", "Calendar, searched", "Settings, Audit log", "Audit log")
#: Below this, in milliseconds of CPU, a page's growth is noise: it is compared with this instead.
FLOOR = 5.0
Figures = dict[str, Any]
HOW = f"""\
Median milliseconds of {{times}} answers over HTTP, one after the other and of each size in turn, of the web server
that `make run` starts; median milliseconds of CPU of the web server (and of PostgreSQL) for one of them; queries of the
first view, with nothing in any cache. "{{beside}}": the small organization in the database of the large one.

Growth is that of CPU, which other programs on the machine disturb least, from {{least:,}} to {{most:,}} interviews;
where the page of {{least:,}} is not full (its bytes differ by more than a tenth), from {{middle:,}}, marked *. Under
{FLOOR:.0f} ms of CPU, {FLOOR:.0f} is compared. Bounds: growth {GROWTH} x; {QUERIES} queries; lists of fifty
{LIST_MS} ms and {LIST_CPU} ms of CPU; Home {HOME_MS} ms. The baseline is a plain Django list of the same rows, in the
same server and run."""


def report(found: dict[str, list[dict[str, Any]]], small: Sequence[int], most: int, times: int, *, dry: bool) -> None:
    """Print a table for each database and, unless `dry`, put it into RESULTS.md."""
    for kind, (few, many) in found.items():
        body = section(few, many, small, most, times)
        print(body)
        if not dry:
            put_section(TITLES[kind], body)


def section(few: Figures, many: Figures, small: Sequence[int], most: int, times: int) -> str:
    sizes = [few[str(size)] for size in small] + [many[str(most)], many[str(small[0])]]
    names = [f"{size:,}" for size in (*small, most)] + [f"{small[0]:,} beside"]
    head = ["page", *(f"ms {name}" for name in names), *(f"CPU {name}" for name in names)]
    head += ["growth", "queries", "kB (gzip)", "beyond its bound"]
    rows, beyond = [], 0
    for page in sizes[0]:
        figures = [size[page] for size in sizes]
        complaints, growth = judge(page, figures, small)
        beyond += bool(complaints)
        rows.append([
            page, *(f"{one['median_ms']:.0f}" for one in figures), *(_cpu(one) for one in figures), growth,
            str(figures[-2].get("queries", "")),
            f"{figures[-2]['raw'] / 1000:.0f} ({figures[-2]['packed'] / 1000:.1f})",
            "; ".join(complaints),
        ])  # fmt: skip
    how = HOW.format(times=times, beside=names[-1], least=small[0], middle=small[-1], most=most)
    return f"{how}\n\n{beyond} of {len(rows)} pages are beyond a bound.\n\n{table(head, rows)}"


def judge(page: str, figures: Sequence[Figures], small: Sequence[int]) -> tuple[list[str], str]:
    """Judge a page: each bound that it is beyond, in words, and its growth.

    `figures`: of the small sizes, the large one, and beside it.
    """
    most, base, mark = figures[-2], figures[0], ""
    if len(small) > 1 and abs(base["raw"] - most["raw"]) > 0.1 * most["raw"]:
        base, mark = figures[len(small) - 1], "*"
    growth = max(_total(most), FLOOR) / max(_total(base), FLOOR)
    shown = f"{growth:.2f}{mark}"
    if page.startswith("Baseline"):
        return [], shown
    said = [f"grows {growth:.2f} x"] if growth > GROWTH else []
    beside = max(_total(figures[-1]), FLOOR) / max(_total(figures[0]), FLOOR)
    said += [f"grows {beside:.2f} x beside the large one"] if beside > GROWTH else []
    said += [f"{most['queries']} queries"] if most["queries"] > QUERIES else []
    if page.startswith(LISTS):
        said += [f"{most['median_ms']:.0f} ms"] if most["median_ms"] > LIST_MS else []
        said += [f"{_total(most):.0f} ms of CPU"] if _total(most) > LIST_CPU else []
    if page == "Home" and most["median_ms"] > HOME_MS:
        said.append(f"{most['median_ms']:.0f} ms")
    return said, shown


def _total(one: Figures) -> float:
    return float(one["web_ms"] + one["database_ms"])


def _cpu(one: Figures) -> str:
    return f"{one['web_ms']:.0f} ({one['database_ms']:.0f})" if one["database_ms"] else f"{one['web_ms']:.0f}"
