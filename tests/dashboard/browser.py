"""Chromium without a window, driven through Selenium: the page as a person meets it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.support.ui import WebDriverWait

_FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,1600")


@contextmanager
def chromium() -> Iterator[webdriver.Chrome]:
    """Debian's browser. Its absence is a failure that says how to install it."""
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    assert browser and driver, "apt-get install --no-install-recommends chromium chromium-driver"
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for each in _FLAGS:
        options.add_argument(each)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    page = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        yield page
    finally:
        page.quit()


def opened(browser: webdriver.Chrome, path: Path) -> None:
    """The page at `path`, drawn to the end."""
    browser.get(path.as_uri())
    WebDriverWait(browser, 30).until(
        lambda page: page.execute_script("return document.documentElement.dataset.ready === 'yes'")
    )


def numbers(browser: webdriver.Chrome) -> dict[str, str]:
    """The figures at the top."""
    script = "return Object.fromEntries([...document.querySelectorAll('#numbers > div')].map((e) => "
    found: dict[str, str] = browser.execute_script(
        f"{script} [e.querySelector('dt').textContent, e.querySelector('dd').textContent]))"
    )
    return found


def counted(browser: webdriver.Chrome, chart: str) -> list[list[str]]:
    """The numbers behind a chart."""
    script = "return [...document.querySelectorAll(arguments[0])].map((r) => [...r.cells].map((c) => c.textContent))"
    rows: list[list[str]] = browser.execute_script(script, f"#chart-{chart} details tr")
    return rows[1:]


def choose(browser: webdriver.Chrome, **filters: str) -> None:
    """Set filters; the numbers have followed when this returns, the pictures follow at once (`drawn`)."""
    for name, value in filters.items():
        script = "const e = document.getElementById(arguments[0]); e.value = arguments[1];"
        browser.execute_script(f"{script} e.dispatchEvent(new Event('input', {{bubbles: true}}))", name, value)


def drawn(browser: webdriver.Chrome, chart: str) -> list[str]:
    """What the marks of a chart say of themselves to those who do not see them."""
    script = "return [...document.querySelectorAll(arguments[0])].map((mark) => mark.getAttribute('aria-label'))"
    labels: list[str] = browser.execute_script(script, f"#chart-{chart} svg .mark-rect.role-mark path")
    return labels


def complaints(browser: webdriver.Chrome) -> list[str]:
    """The console's errors, and every request that left the file."""
    logged = [each["message"] for each in browser.get_log("browser") if each["level"] == "SEVERE"]
    events = [str(each["message"]) for each in browser.get_log("performance")]
    return logged + [each for each in events if '"Network.requestWillBeSent"' in each and '"url":"http' in each]


def keep_picture(browser: webdriver.Chrome, name: str) -> None:
    """A screenshot for whoever asked for pictures (CCI_LITE_ARTIFACTS: a folder outside the checkout)."""
    if folder := os.environ.get("CCI_LITE_ARTIFACTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        browser.save_screenshot(str(Path(folder) / f"{name}.png"))


def media(browser: webdriver.Chrome, **features: Any) -> None:
    """Emulated media: media="print", or scheme="dark"."""
    scheme = features.get("scheme", "light")
    listed = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": features.get("media", ""), "features": listed})
