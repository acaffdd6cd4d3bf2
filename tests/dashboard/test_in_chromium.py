"""The page in a browser: its numbers are the SQL's, its filters work, and nothing that was said becomes markup."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from cci_lite.dashboard import Calls, read, render
from cci_lite.dashboard.page import Heading
from tests.dashboard.browser import choose, chromium, complaints, counted, drawn, keep_picture, media, numbers, opened
from tests.dashboard.synthetic import documents

#: Calls of three weeks, a few a day: a page of them is drawn for each test.
COUNT = 100
HEADING = Heading(datetime(2026, 11, 24, 9, 30, tzinfo=UTC), "111122223333", "eu-central-1")
HOSTILE = (
    "<script>window.broken = 1</script>",
    "</script><img src=x onerror='window.broken = 1'>",
    "=cmd|' /C calc'!A0",
    "\u202ereversed\u202c",
    "nul \x00 here",
    "line\u2028separator",
    "${tenant} $policy {{7*7}}",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    with chromium() as made:
        yield made


@pytest.fixture(scope="module")
def calls() -> Calls:
    return read(documents(COUNT, hours_apart=4.8))


@pytest.fixture(scope="module")
def page(calls: Calls, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dashboard") / "page.html"
    path.write_text(render(calls, HEADING, path.parent), encoding="utf-8")
    return path


@pytest.fixture
def shown(browser: webdriver.Chrome, page: Path) -> webdriver.Chrome:
    media(browser)
    complaints(browser)
    opened(browser, page)
    return browser


def sql(calls: Calls, query: str, tmp_path: Path) -> list[tuple[Any, ...]]:
    """The answer of a database to `query` over the table `results`."""
    path = tmp_path / "results.json"
    path.write_text("\n".join(json.dumps(each) for each in calls.calls), encoding="utf-8")
    with duckdb.connect(":memory:") as engine:
        engine.execute("CREATE TABLE results AS SELECT * FROM read_json(?)", [str(path)])
        return engine.execute(query).fetchall()


FIGURES = """SELECT count(*), sum(duration_s) / 60, 100.0 * count(*) FILTER (sentiment_label = 'NEGATIVE') / count(*),
avg(qa_score), sum(cost_gbp) FROM results WHERE {}"""


#: Filters, of which the last stay set, and what they mean in SQL.
FILTERED: list[tuple[dict[str, str], str]] = [
    ({}, "true"),
    ({"tenant": "acme"}, "tenant_id = 'acme'"),
    (
        {"tenant": "", "from": "2026-09-05", "to": "2026-09-09"},
        "call_started_at::DATE BETWEEN '2026-09-05' AND '2026-09-09'",
    ),
    (
        {"tenant": "demo-tenant", "from": "2026-09-10", "to": ""},
        "tenant_id='demo-tenant' AND call_started_at >= '2026-09-10'",
    ),
]


def test_the_numbers_are_the_sqls(shown: webdriver.Chrome, calls: Calls, tmp_path: Path) -> None:
    for filters, where in FILTERED:
        choose(shown, **filters)
        (count, minutes, negative, score, cost) = sql(calls, FIGURES.format(where), tmp_path)[0]
        assert count > 0
        assert numbers(shown) == {
            "Calls": str(count),
            "Minutes": f"{minutes:.1f}",
            "Negative": f"{negative:.1f} %",
            "QA score": f"{score:.1f}",
            "Cost": f"£{cost:.2f}",
        }, where
        outcomes = sql(
            calls, f"SELECT coalesce(outcome, '(none)'), count(*) FROM results WHERE {where} GROUP BY 1", tmp_path
        )
        assert {name: float(count) for name, count in counted(shown, "outcome")} == dict(outcomes), where
        assert len(shown.find_elements(By.CSS_SELECTOR, "#calls tbody tr")) == count


def test_phrases_and_days_are_counted_like_sql_counts_them(
    shown: webdriver.Chrome, calls: Calls, tmp_path: Path
) -> None:
    said = sql(
        calls,
        "SELECT p[1]::VARCHAR, sum(p[2]::INT) AS n FROM (SELECT unnest(key_phrases) AS p FROM results) "
        "GROUP BY 1 ORDER BY n DESC, 1 LIMIT 15",
        tmp_path,
    )
    assert [(name, float(count)) for name, count in counted(shown, "phrases")] == [
        (name.strip('"'), float(count)) for name, count in said
    ]
    days = sql(
        calls,
        "SELECT strftime(call_started_at, '%Y-%m-%d'), sentiment_label, count(*) FROM results "
        "WHERE sentiment_label IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2",
        tmp_path,
    )
    assert sorted((day, label, float(calls)) for day, label, calls in counted(shown, "sentiment")) == [
        (str(day), label, float(count)) for day, label, count in days
    ]


def test_the_pictures_follow_the_filters_as_well(shown: webdriver.Chrome, calls: Calls, tmp_path: Path) -> None:
    query = "SELECT coalesce(outcome, '(none)'), count(*) FROM results WHERE tenant_id = 'acme' GROUP BY 1"
    bars = {f"count: {count}; name: {name}; outcome: {name}" for name, count in sql(calls, query, tmp_path)}
    assert set(drawn(shown, "outcome")) != bars
    choose(shown, tenant="acme")
    WebDriverWait(shown, 60).until(lambda page: set(drawn(page, "outcome")) == bars)


def test_a_day_is_the_same_day_in_every_timezone(shown: webdriver.Chrome, page: Path) -> None:
    """Where the bars and points are, and what the axes say below them."""
    script = """const seen = '#chart-sentiment .role-mark path, #chart-quality .role-mark path, .role-axis-label text';
    return [...document.querySelectorAll(seen)].map((e) => [e.getAttribute('d'), e.getAttribute('transform'),
      e.textContent, e.getAttribute('aria-label')].join(' '))"""
    pictures = []
    try:
        for zone in ("UTC", "America/Los_Angeles", "Asia/Tokyo"):
            shown.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": zone})
            opened(shown, page)
            pictures.append(shown.execute_script(script))
    finally:
        shown.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": ""})
    assert len(pictures[0]) > 100
    assert pictures[0] == pictures[1] == pictures[2]


def test_one_button_brings_all_calls_back(shown: webdriver.Chrome) -> None:
    choose(shown, tenant="acme", **{"from": "2026-09-05"})
    assert numbers(shown)["Calls"] != str(COUNT)
    shown.find_element(By.CSS_SELECTOR, "#filters button").click()
    WebDriverWait(shown, 10).until(lambda page: numbers(page)["Calls"] == str(COUNT))


def test_every_chart_is_drawn_and_nothing_is_complained_of_or_fetched(shown: webdriver.Chrome) -> None:
    drawn = "return [...document.querySelectorAll('figure')].map((f) => f.querySelectorAll('svg path').length > 0)"
    assert shown.execute_script(drawn) == [True] * 6
    keep_picture(shown, "dashboard")
    assert complaints(shown) == []


def test_a_filter_that_nothing_passes_shows_nothing_and_does_not_fail(shown: webdriver.Chrome) -> None:
    choose(shown, **{"from": "2030-01-01"})
    assert numbers(shown) == {"Calls": "0", "Minutes": "0.0", "Negative": "–", "QA score": "–", "Cost": "£0.00"}
    assert complaints(shown) == []


def test_the_keyboard_is_enough(shown: webdriver.Chrome, calls: Calls) -> None:
    """Tab from the top reaches the filters, the headings and the first call; Enter opens it, Escape closes it."""
    newest = calls.calls[0]
    for _ in range(60):
        shown.switch_to.active_element.send_keys(Keys.TAB)
        if shown.switch_to.active_element.text == newest["call_id"]:
            break
    shown.switch_to.active_element.send_keys(Keys.ENTER)
    dialog = shown.find_element(By.ID, "call")
    assert dialog.get_attribute("open") is not None
    assert newest["summary"] in dialog.text and newest["turns"][3][2] in dialog.text
    assert len(dialog.find_elements(By.CLASS_NAME, "turn")) == len(newest["turns"])
    dialog.send_keys(Keys.ESCAPE)
    assert dialog.get_attribute("open") is None


def test_the_table_is_sorted_by_its_headings_and_says_so(shown: webdriver.Chrome, calls: Calls) -> None:
    shown.find_element(By.XPATH, "//th/button[text()='QA']").click()
    heading = shown.find_element(By.XPATH, "//th[button[text()='QA']]")
    cells = shown.execute_script(
        "return [...document.querySelectorAll('#calls tbody td:nth-child(7)')].map((cell) => cell.textContent)"
    )
    scores = [float(cell) for cell in cells if cell != "–"]
    assert heading.get_attribute("aria-sort") == "ascending" and scores == sorted(scores)
    assert len(scores) == len([each for each in calls.calls if each["qa_score"] is not None])


def test_dark_and_print_have_their_own_colours(shown: webdriver.Chrome) -> None:
    paper = "return getComputedStyle(document.body).backgroundColor"
    light = shown.execute_script(paper)
    media(shown, scheme="dark")
    dark = shown.execute_script(paper)
    keep_picture(shown, "dark")
    media(shown, media="print", scheme="dark")
    printed = shown.execute_script(paper)
    assert (light, dark, printed) == ("rgb(255, 255, 255)", "rgb(20, 24, 30)", "rgb(255, 255, 255)")


def test_an_open_call_is_printed_alone_and_whole(shown: webdriver.Chrome) -> None:
    shown.find_element(By.CSS_SELECTOR, "#calls td button").click()
    media(shown, media="print")
    heights = "const d = document.getElementById('call'); return [d.clientHeight >= d.scrollHeight, d.clientHeight > 0]"
    assert shown.execute_script(heights) == [True, True]
    assert not shown.find_element(By.TAG_NAME, "main").is_displayed()
    media(shown)
    keep_picture(shown, "call")


def test_the_page_says_that_its_times_are_utc(shown: webdriver.Chrome) -> None:
    labels = [each.text.split("\n")[0] for each in shown.find_elements(By.CSS_SELECTOR, "#filters label")]
    assert labels[1:] == ["From (UTC)", "To (UTC)"]
    assert shown.find_element(By.CSS_SELECTOR, "#calls th button").text == "Started (UTC)"


def test_the_day_that_a_limit_cut_is_named(browser: webdriver.Chrome, calls: Calls, tmp_path: Path) -> None:
    path = tmp_path / "cut.html"
    path.write_text(render(calls, replace(HEADING, incomplete="2026-08-31"), path.parent), encoding="utf-8")
    opened(browser, path)
    told = "Made with a limit: calls of 2026-08-31 are not all on this page, older ones not at all."
    assert browser.find_element(By.ID, "notice").text == told


def test_what_was_said_stays_text(browser: webdriver.Chrome, tmp_path: Path) -> None:
    """In the summary, an outcome, a phrase, a name, a turn, a quote: shown as it is, never carried out."""
    text = json.loads(next(documents(1))[1])
    made = []
    for number, hostile in enumerate(HOSTILE):
        call = {**text, "call_id": f"call-{number:08x}", "summary": hostile, "outcome": hostile, "issue": hostile}
        call["key_phrases"] = [{"text": hostile, "count": 9}]
        call["entities"] = [{"type": "OTHER", "text": hostile, "count": 9}]
        call["turns"] = [{"start_s": 0, "speaker": hostile, "text": hostile}]
        call["qa"] = [{"question": hostile, "answer": "yes", "points": 1, "quote": hostile}]
        made.append((f"s3://results/{hostile}", json.dumps(call)))
    path = tmp_path / "hostile.html"
    path.write_text(render(read([*made, ("s3://results/<b>bad</b>", "{")]), HEADING, path.parent), encoding="utf-8")
    complaints(browser)
    opened(browser, path)
    cells = browser.execute_script(
        "return [...document.querySelectorAll('#calls tbody td:nth-child(8)')].map((cell) => cell.textContent)"
    )
    assert sorted(cells) == sorted(HOSTILE)
    for button in browser.find_elements(By.CSS_SELECTOR, "#calls td button"):
        browser.execute_script("arguments[0].click(); document.getElementById('call').close()", button)
    hints = []
    for bar in browser.find_elements(By.CSS_SELECTOR, "#chart-phrases svg .mark-rect.role-mark path"):
        ActionChains(browser).move_to_element(bar).perform()
        hints.append(browser.find_element(By.ID, "vg-tooltip-element").text)
    assert any("<script>window.broken = 1</script>" in hint for hint in hints)
    assert browser.execute_script("return window.broken") is None
    assert browser.execute_script("return document.images.length + document.querySelectorAll('script').length") == 4
    assert "s3://results/<b>bad</b>" in browser.find_element(By.ID, "notice").text
    assert complaints(browser) == []
