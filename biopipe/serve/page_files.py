"""The page: its files, read once, and the colours that it shows."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files

from fastapi import Response

from biopipe.language.colours import assertion_marks, label_colour, label_colours
from biopipe.serve.served import ServedPipeline

__all__ = ["PageFile", "page_files"]

_FILES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/page.css": ("page.css", "text/css; charset=utf-8"),
    "/page.js": ("page.js", "text/javascript; charset=utf-8"),
    "/annotations.js": ("annotations.js", "text/javascript; charset=utf-8"),
    "/graph.js": ("graph.js", "text/javascript; charset=utf-8"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file of the page as it is sent."""

    content: bytes
    media_type: str

    async def response(self) -> Response:
        """The file; the browser asks again each time, so that a new version is seen at once."""
        return Response(
            self.content, media_type=self.media_type, headers={"cache-control": "no-cache"}
        )


def page_files(pipelines: Iterable[ServedPipeline]) -> Mapping[str, PageFile]:
    """The files by their path, and `/colours.json`: colours of labels, signs of assertions."""
    # Read at the start, so that an update of the package on disk never mixes two versions.
    folder = files("biopipe.serve").joinpath("page")
    sent = {
        path: PageFile(folder.joinpath(name).read_bytes(), media_type)
        for path, (name, media_type) in _FILES.items()
    }
    colours = json.dumps(_colours(pipelines), ensure_ascii=False).encode("utf-8")
    return sent | {"/colours.json": PageFile(colours, "application/json")}


def _colours(pipelines: Iterable[ServedPipeline]) -> dict[str, object]:
    labels = [
        *label_colours(),
        *(label for pipeline in pipelines for label in pipeline.mention_labels),
    ]
    colours = {label: label_colour(label) for label in [*labels, "*"]}
    return {
        "labels": {label: {"fill": c.fill, "line": c.line} for label, c in colours.items()},
        "assertions": {
            name: {"sign": mark.sign, "words": mark.words}
            for name, mark in assertion_marks().items()
        },
    }
