"""Takes the pictures of docs/images in headless Chromium: the report of a run, the server's page with
the pipeline `default`, and `biopipe.render`.

    python docs/site/pictures.py OUT [NAME...]

OUT is the output folder of a run of the pipeline `default` over some hundred dated abstracts. Look at
every picture before it is kept.
"""

import sys
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

PROJECT = Path(__file__).parents[2]
IMAGES = PROJECT / "docs" / "images"
sys.path.append(str(PROJECT / "tests" / "pages"))

NOTEBOOK_TEXT = (
    "No BRCA1 mutation was found in breast cancer. Imatinib inhibits BCR-ABL1 in leukemia."
)
WIDTH, HEIGHT = 1280, 780
# Wide enough for the arcs of the notebook's text, and no wider.
NOTEBOOK_WIDTH = 900
# The height at which all filters are seen, and no sentence of the evidence is cut off.
WHOLE_ITEMS = """
const side = document.querySelector('#evidence').getBoundingClientRect();
const filters = document.querySelector('#filters');
const needed = filters.lastElementChild.getBoundingClientRect().bottom;
const items = [...document.querySelectorAll('#evidence ol li')];
const ends = items.map((item) => item.getBoundingClientRect().bottom);
return Math.ceil(ends.find((end) => end >= needed) + window.innerHeight - side.bottom) + 4;
"""


def main(arguments: list[str]) -> None:
    from browser import Browser, open_browser

    output, names = Path(arguments[0]), arguments[1:]
    with TemporaryDirectory() as folder:
        driver = open_browser(Path(folder) / "profile")
        driver.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
        try:
            for name, take in PICTURES.items():
                if not names or name in names:
                    take(Browser(driver), output, Path(folder))
        finally:
            driver.quit()


def report(browser: Any, output: Path, folder: Path) -> None:
    """The overview, and the graph with the evidence of its widest edge that has a direction."""
    from biopipe.report import write_report

    write_report(output, folder / "page.html")
    resize(browser, WIDTH, HEIGHT)
    browser.open(folder / "page.html")
    wait(browser, "return document.documentElement.dataset.ready === 'yes'")
    keep(browser, "report-overview")
    for height in (3 * HEIGHT, None):
        resize(browser, WIDTH, height or browser.run(WHOLE_ITEMS))
        browser.open(folder / "page.html")
        browser.run("location.hash = '#/graph'")
        wait(browser, "return document.querySelector('#network').dataset.drawn > 0")
        browser.run(
            "const rows = [...document.querySelectorAll('#evidence .edge')];"
            "(rows.find((row) => row.innerText.includes('→')) || rows[0]).click()"
        )
        wait(browser, "return document.querySelector('#evidence ol li') !== null")
    keep(browser, "report-graph")


def serve(browser: Any, output: Path, folder: Path) -> None:
    """The server's page with its example, and the details of a relation."""
    with server(folder) as address:
        resize(browser, WIDTH, HEIGHT)
        browser.open(address)
        wait(browser, "return document.querySelectorAll('#pipeline option').length > 0")
        browser.run("document.getElementById('example').click()")
        browser.run("document.getElementById('annotate').click()")
        wait(browser, "return document.querySelectorAll('.edge').length > 0", seconds=300)
        browser.run(
            "const edges = [...document.querySelectorAll('svg .edge')];"
            "const edge = edges.find((one) => one.querySelector('.arrow')) || edges[0];"
            "edge.dispatchEvent(new MouseEvent('click', {bubbles: true}))"
        )
        resize(browser, WIDTH, browser.run("return document.documentElement.scrollHeight"))
        keep(browser, "serve")


def notebook(browser: Any, output: Path, folder: Path) -> None:
    """What `biopipe.render` gives of the text of the page on notebooks."""
    import biopipe

    html = biopipe.render(biopipe.load()(NOTEBOOK_TEXT))
    page = folder / "notebook.html"
    page.write_text(
        f'<!DOCTYPE html><meta charset="utf-8"><body style="margin: 16px; background: #fff">{html}',
        encoding="utf-8",
    )
    resize(browser, NOTEBOOK_WIDTH, HEIGHT)
    browser.open(page)
    height = browser.run("return Math.ceil(document.body.getBoundingClientRect().bottom) + 16")
    resize(browser, NOTEBOOK_WIDTH, height)
    keep(browser, "notebook")


PICTURES = {"report": report, "serve": serve, "notebook": notebook}


@contextmanager
def server(folder: Path) -> Iterator[str]:
    from running_server import running_server

    with running_server(Path("default"), folder / "server.log") as running:
        yield running.address


def resize(browser: Any, width: int, height: int) -> None:
    """The size of the page in CSS pixels."""
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def wait(browser: Any, condition: str, seconds: int = 60) -> None:
    """Until the body of a function holds in the page; SystemExit when it does not in time."""
    browser.driver.set_script_timeout(seconds + 5)
    held = browser.driver.execute_async_script(
        "const [code, tries, done] = arguments; const holds = new Function(code); let left = tries;"
        "(function look() { if (holds()) done(true); else if (!left--) done(false);"
        " else setTimeout(look, 100); })();",
        condition,
        10 * seconds,
    )
    if not held:
        raise SystemExit(f"The page never came to: {condition}")


def keep(browser: Any, name: str) -> None:
    # A moment for what fades in.
    browser.driver.execute_async_script("setTimeout(arguments[0], 1500)")
    taken = browser.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
    (IMAGES / f"{name}.png").write_bytes(b64decode(taken["data"]))


if __name__ == "__main__":
    main(sys.argv[1:])
