"""A headless Chromium for tests of pages: started once a session, watched for errors and requests.

Debian's `chromium` and `chromium-driver`, or others that $BIOPIPE_CHROMIUM and
$BIOPIPE_CHROMEDRIVER name; where there is none, tests that ask for `browser` are skipped.
"""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

__all__ = ["Browser", "browser_page", "open_browser"]

_FLAGS = (
    "--headless=new",
    "--no-sandbox",  # CI runs as root, where Chromium has no sandbox
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,900",
)


class Browser:
    """A page in Chromium; `driver` is selenium's, for everything else."""

    def __init__(self, driver: "Chrome") -> None:
        self.driver = driver

    def open(self, address: str | Path) -> None:
        """Load a page, by its address or the path of its file, and forget what came before."""
        self.driver.get("about:blank")
        self.console()
        self.requests()
        self.driver.get(address.resolve().as_uri() if isinstance(address, Path) else address)

    def run(self, script: str, *arguments: Any) -> Any:
        """What a JavaScript function body returns in the page."""
        return self.driver.execute_script(script, *arguments)

    def console(self) -> list[str]:
        """Errors and warnings of the console since the last call, refused requests among them."""
        return [f"{entry['level']}: {entry['message']}" for entry in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """Addresses that the page asked for since the last call; data: and blob: are in the page."""
        messages = [
            json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")
        ]
        addresses = [
            message["params"]["request"]["url"]
            for message in messages
            if message["method"] == "Network.requestWillBeSent"
        ] + [
            message["params"]["url"]
            for message in messages
            if message["method"] == "Network.webSocketCreated"
        ]
        return [address for address in addresses if not address.startswith(("data:", "blob:"))]


def open_browser(profile: Path) -> "Chrome":
    """Chromium with an empty profile in `profile`; skips the test where there is none."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="needs selenium of extra 'test'")
    chromium = os.environ.get("BIOPIPE_CHROMIUM") or shutil.which("chromium")
    chromedriver = os.environ.get("BIOPIPE_CHROMEDRIVER") or shutil.which("chromedriver")
    if not chromium or not chromedriver:
        pytest.skip("there is no browser: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*_FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "WARNING", "performance": "ALL"})
    service = webdriver.ChromeService(executable_path=chromedriver)
    driver: Chrome = webdriver.Chrome(options=options, service=service)
    driver.set_page_load_timeout(60)
    driver.set_script_timeout(60)
    return driver


@pytest.fixture(scope="session")
def browser_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One Chromium for all tests of pages."""
    driver = open_browser(tmp_path_factory.mktemp("chromium"))
    try:
        yield Browser(driver)
    finally:
        driver.quit()
