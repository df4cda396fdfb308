"""Makes one site of the pages and notebooks in docs/ and of what they link to elsewhere in the
repository.

Pages are written to be read in the repository: they link to model cards, scripts and result files
by their places there. What is linked to is put into the site as `repository/PATH`, and so is what
those pages link to in turn; links to folders become plain text, for a site has no listings.
"""

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from nbconvert import MarkdownExporter

REPOSITORY = Path(__file__).parents[2]
OUTSIDE = "repository"
_LINK = re.compile(
    r"\[(?P<text>(?:[^\[\]]|\[[^\]]*\])*)\]\((?P<target>[^)\s#:]+)(?P<anchor>#[^)\s]*)?\)"
)
_CODE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page for each notebook, and what pages link to outside docs/."""
    for notebook in [file for file in files if file.src_uri.endswith(".ipynb")]:
        page = notebook.src_uri.removesuffix(".ipynb") + ".md"
        files.append(
            File.generated(config, page, content=notebook_page(Path(notebook.abs_src_path)))
        )
    waiting = list(files.documentation_pages())
    while waiting:
        file = waiting.pop()
        page, text = place_in_repository(file.src_uri), file.content_string
        for target in linked_paths(text, page):
            uri = place_in_site(target)
            if uri is None or not uri.startswith(f"{OUTSIDE}/") or uri in files.src_uris:
                continue
            added = File.generated(config, uri, abs_src_path=str(REPOSITORY / target))
            files.append(added)
            if added.is_documentation_page():
                waiting.append(added)
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn links between places in the repository into links between pages of the site."""
    here = page.file.src_uri

    def in_site(link: re.Match[str]) -> str:
        uri = place_in_site(_resolved(link["target"], place_in_repository(here)))
        if uri is None:
            return link["text"]
        target = relpath(uri, PurePosixPath(here).parent)
        return f"[{link['text']}]({target}{link['anchor'] or ''})"

    parts, position = [], 0
    for code in _CODE.finditer(markdown):
        parts += [_LINK.sub(in_site, markdown[position : code.start()]), code[0]]
        position = code.end()
    return "".join((*parts, _LINK.sub(in_site, markdown[position:])))


def notebook_page(path: Path) -> str:
    """A notebook as Markdown, with the outputs that it was kept with and a link to itself."""
    body, _ = MarkdownExporter().from_filename(str(path))
    return f"{body}\n\n[The notebook as a file]({path.name})\n"


def linked_paths(markdown: str, page: str) -> Iterator[str]:
    """Places in the repository that a page links to, outside of blocks of code."""
    for link in _LINK.finditer(_CODE.sub("", markdown)):
        yield _resolved(link["target"], page)


def place_in_repository(uri: str) -> str:
    """`repository/models/x/README.md` is models/x/README.md, and `bulk.md` docs/bulk.md."""
    outside = uri.removeprefix(f"{OUTSIDE}/")
    return outside if outside != uri else f"docs/{uri}"


def place_in_site(path: str) -> str | None:
    """The page or file of the site for a place in the repository; None for a folder.

    A path to nothing stays one, so that a strict build names the page that links to it.
    """
    if (REPOSITORY / path).is_dir():
        return None
    if path.startswith("docs/") and path.endswith(".ipynb"):
        path = path.removesuffix(".ipynb") + ".md"
    inside = path.removeprefix("docs/")
    return inside if inside != path else f"{OUTSIDE}/{path}"


def _resolved(target: str, page: str) -> str:
    return normpath(PurePosixPath(page).parent / target)
