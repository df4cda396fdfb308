"""A report's page: the template, the libraries and the content in one HTML file."""

import json
from base64 import b64encode
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from biopipe.extras import require
from biopipe.io.atomic import atomic_file
from biopipe.io.run_output.fetched import fetched_output
from biopipe.report.content import report_content
from biopipe.report.options import ReportOptions

__all__ = ["ReportSummary", "render_page", "write_report"]

_PACKAGE = "biopipe.report"
_LIBRARIES = ("cytoscape.min.js", "cytoscape-fcose.min.js", "uPlot.min.js")
# In the order in which they need one another; all are one script of the page.
_SCRIPTS = (
    "elements.js",
    "data.js",
    "text.js",
    "charts.js",
    "overview.js",
    "concepts.js",
    "filters.js",
    "network.js",
    "evidence.js",
    "documents.js",
    "run.js",
    "main.js",
)


@dataclass(frozen=True, slots=True)
class ReportSummary:
    """What a page holds, and of how much."""

    page: str
    bytes: int
    documents: int
    all_documents: int
    concepts: int
    all_concepts: int
    missing_texts: int

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def write_report(
    output: str | Path, page: Path, *, options: ReportOptions | None = None
) -> ReportSummary:
    """Write the page of the output folder of a run, an HTML file that needs no other and asks for
    nothing.

        write_report("out", Path("page.html"))

    `output` may be an address such as s3://bucket/out, whose tables are fetched for as long as it
    takes. The page holds the texts of documents unless `options.texts` is False. InputError when
    `output` is no such folder, ExtraMissing without Jinja2.
    """
    require("jinja2", "report")
    with fetched_output(output) as folder, TemporaryDirectory(prefix="biopipe-") as copies:
        content = report_content(folder, options or ReportOptions(), copies=Path(copies))
    html = render_page(content)
    with atomic_file(page) as temporary:
        temporary.write_text(html, encoding="utf-8", newline="")
    cut = content["cut"]
    documents, concepts = cut["documents"], cut["concepts"]
    missing = cut["missing"] if cut["texts"] else 0
    return ReportSummary(
        str(page), len(html.encode()), documents[0], documents[1], concepts[0], concepts[1], missing
    )


def render_page(content: dict[str, Any]) -> str:
    """The HTML of what `report_content` gives."""
    jinja2 = require("jinja2", "report")
    libraries = [_read("libraries", name) for name in _LIBRARIES]
    # In one function, so that nothing of the page's code is global.
    own = "\n".join(["'use strict';(() => {", *(_read("page", name) for name in _SCRIPTS), "})();"])
    scripts = [*libraries, own]
    environment = jinja2.Environment(
        # A name that the template misspells is an error here and not an empty place in the page.
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    html: str = environment.from_string(_read("page", "report.html.j2")).render(
        name=content["run"]["name"],
        styles=[_read("libraries", "uPlot.min.css"), _read("page", "style.css")],
        scripts=scripts,
        hashes=[_script_hash(script) for script in scripts],
        licences=json.loads(_read("libraries", "libraries.json")),
        content=json_for_script(content),
    )
    return html


def json_for_script(content: Any) -> str:
    """JSON whose strings can neither end the script element that it stands in nor begin a comment
    there.
    """
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # "</script>" in a text must not end the script; the two separators end lines in old engines.
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _script_hash(script: str) -> str:
    """What a content security policy calls a script by; no other one runs in the page."""
    return f"sha256-{b64encode(sha256(script.encode()).digest()).decode()}"


def _read(folder: str, name: str) -> str:
    return files(_PACKAGE).joinpath(folder, name).read_text(encoding="utf-8")
