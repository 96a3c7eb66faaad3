"""The class page in headless Chromium: it fits a laptop and a phone, and its table sorts and narrows."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.reports import class_page
from cvcourse.results import CaseResult, Report

pytestmark = pytest.mark.browser

TASKS = (
    "l1_distance",
    "two_loops",
    "one_loop",
    "no_loops",
    "predict_labels",
    "cross_validation",
    "predictions",
)
PROBLEM = "'a long name of a zip.zip' is not a zip that can be opened (File is not a zip file); zip it again"
NAMES = """() => [...document.querySelectorAll('#table tbody tr')]
  .filter(row => !row.hidden).map(row => row.cells[0].innerText)"""
# what sticks out of the page itself; tables scroll inside of theirs
WIDTH = "() => document.documentElement.scrollWidth"


def class_of(size: int) -> list[Report]:
    rng = random.Random(1)
    out = []
    for i in range(size):
        cases = tuple(
            CaseResult(f"knn.{t}.a_test_with_a_long_name", f"knn.{t}", 10, p, "public", o)  # type: ignore[arg-type]
            for t in TASKS
            for p, o in [rng.choice([(10, "passed"), (0, "failed"), (0, "timeout")])]
        )
        out.append(Report("knn", f"O'Neill, Student (s{i:03})", "full", cases, late_hours=3.0 * (i % 7 == 0)))
    out[1] = replace(out[1], problem=PROBLEM, notes=("ignored: numpy.py",))
    return out


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Any, tmp_path: Path) -> Iterator[Any]:
    (tmp_path / "class.html").write_text(class_page(class_of(40), "kNN"), encoding="utf-8")
    page = browser.new_page()
    problems: list[str] = []
    page.on("console", lambda m: problems.append(m.text))
    page.on("pageerror", lambda e: problems.append(str(e)))
    page.goto((tmp_path / "class.html").as_uri())
    yield page
    page.close()
    assert not problems


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1100, 400])
def test_it_fits_the_window(page: Any, width: int, scheme: str) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    assert page.evaluate(WIDTH) == width
    if width == 1100:
        inside = page.evaluate(
            "() => [...document.querySelectorAll('.scroll')].map(e => e.scrollWidth - e.clientWidth)"
        )
        assert inside == [0] * len(inside), "nothing has to be scrolled on a laptop"


def test_the_table_sorts(page: Any) -> None:
    scores = "() => [...document.querySelectorAll('#table tbody tr')].map(r => Number(r.cells[1].dataset.v))"
    button = page.get_by_role("button", name="score")
    button.click()
    up = page.evaluate(scores)
    assert up == sorted(up)
    assert len(set(up)) > 3
    button.click()
    assert page.evaluate(scores) == up[::-1] or page.evaluate(scores) == sorted(up, reverse=True)
    page.get_by_role("button", name="student").click()
    names = page.evaluate(NAMES)
    assert names == sorted(names)


def test_the_table_narrows(page: Any) -> None:
    assert len(page.evaluate(NAMES)) == 40
    page.get_by_label("Find").fill("s013")
    assert page.evaluate(NAMES) == ["O'Neill, Student (s013)"]
    assert page.locator("#shown").inner_text() == "1 of 40 shown"
    page.get_by_label("Find").fill("")
    page.get_by_label("Show").select_option("needs a human")
    assert page.evaluate(NAMES) == ["O'Neill, Student (s001)"]
    page.get_by_label("Show").select_option("late")
    assert len(page.evaluate(NAMES)) == 6


def test_no_other_script_runs(browser: Any, tmp_path: Path) -> None:
    """What the page's policy stops, should escaping ever fail."""
    text = class_page(class_of(2), "kNN").replace(
        "</main>", "<script>document.title = 'stolen'</script></main>"
    )
    (tmp_path / "class.html").write_text(text, encoding="utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "class.html").as_uri())
    assert page.title() == "kNN: the class"
    page.close()


def test_a_class_of_500_is_one_page_of_a_megabyte_at_most() -> None:
    assert len(class_page(class_of(500)).encode()) < 1_000_000
