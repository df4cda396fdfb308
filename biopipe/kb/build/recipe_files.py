"""The files of a recipe: taken from where they are, fetched, or named to the user who has to place
them.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.fetch import fetch
from biopipe.kb.build.recipe import Recipe, RecipeSource
from biopipe.kb.build.transfer import FetchProgress
from biopipe.kb.build.unpack import unpack

__all__ = ["file_of", "show_fetching"]

ShowFetching = Callable[[str], FetchProgress]


def file_of(
    source: RecipeSource,
    recipe: Recipe,
    folder: Path,
    *,
    options: Mapping[str, str],
    offline: bool = False,
    refresh: bool = False,
    show: ShowFetching | None = None,
) -> Path:
    """What the parser of `source` is to read; fetched into `folder` where it is not there, unless
    `offline`.

    KnowledgeBaseError says in one sentence which file to place where, and where to get it.
    """
    file = filled(source.file, options)
    if not source.download:
        if source.licensed:
            return _licensed(source, recipe, folder, _plain_name(file, recipe))
        return _own(recipe, file)
    addresses = [filled(address, options) for address in source.download]
    path = folder / _plain_name(file or _file_name(addresses[0]), recipe)
    members = [filled(member, options) for member in source.members]
    # Without the archive: what is unpacked already is enough.
    if not refresh and not path.is_file() and (unpacked := _unpacked(folder, members)):
        return unpacked
    _bring(
        addresses,
        path,
        offline=offline,
        refresh=refresh,
        show=show,
        size=source.size,
        sha256=source.sha256,
    )
    for address in source.beside:
        address = filled(address, options)
        place = folder / _plain_name(_file_name(address), recipe)
        _bring([address], place, offline=offline, refresh=refresh, show=show)
    return unpack(path, members)[0] if members else path


def filled(text: str, options: Mapping[str, str]) -> str:
    """`text` with {name} replaced by the option of that name."""
    for name, value in options.items():
        text = text.replace(f"{{{name}}}", value)
    return text


@contextmanager
def show_fetching() -> Iterator[ShowFetching]:
    """Yields what makes a bar on stderr for a file by its name."""
    columns = (
        TextColumn("Fetching {task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    bar = Progress(*columns, console=Console(stderr=True))

    def show(name: str) -> FetchProgress:
        tasks: list[TaskID] = []

        def update(done: int, total: int | None) -> None:
            # Nothing is shown before the first byte, so that no empty bar stands above the error of
            # an offline user.
            if not tasks:
                bar.start()
                tasks.append(bar.add_task(name))
            bar.update(tasks[0], completed=done, total=total)

        return update

    try:
        yield show
    finally:
        bar.stop()


def _bring(
    addresses: list[str],
    path: Path,
    *,
    offline: bool,
    refresh: bool,
    show: ShowFetching | None,
    size: int | None = None,
    sha256: str = "",
) -> None:
    if offline and not path.is_file():
        raise KnowledgeBaseError(
            f"There is no {path}; get it from {addresses[0]} and place it there."
        )
    if offline:
        return
    missing = refresh or not path.is_file()
    progress = show(path.name) if show and missing else None
    fetch(addresses, path, size=size, sha256=sha256, refresh=refresh, progress=progress)


def _own(recipe: Recipe, file: str) -> Path:
    path = (recipe.folder / file).resolve()
    if not path.exists():
        raise KnowledgeBaseError(f"The recipe '{recipe.name}' reads {path}, which is not there.")
    if not (path.is_file() or path.is_dir()):
        raise KnowledgeBaseError(
            f"The recipe '{recipe.name}' reads {path}, which is a pipe or a device; give a file."
        )
    return path


def _licensed(source: RecipeSource, recipe: Recipe, folder: Path, file: str) -> Path:
    """The newest by name of what fits the pattern, in `folder` or the least deep folder below
    it.
    """
    fitting = (
        [path for path in folder.rglob(file) if not path.name.startswith(".")]
        if folder.is_dir()
        else []
    )
    if fitting:
        least = min(len(path.parts) for path in fitting)
        # Releases are named by their date, so the last name is the newest.
        return max(path for path in fitting if len(path.parts) == least)
    raise KnowledgeBaseError(
        f"{recipe.title} needs a licence ({source.licence_address or source.licence}): get "
        f"{source.name} from "
        f"{source.address}, place it at {folder / file}, and give the command again."
    )


def _unpacked(folder: Path, members: list[str]) -> Path | None:
    """The first of the members, where somebody placed them all without the archive that they are
    from.
    """
    matches = [sorted(folder.glob(Path(member).name)) for member in members]
    return matches[0][-1] if matches and all(matches) else None


def _plain_name(name: str, recipe: Recipe) -> str:
    """A name of a file to be written or looked for in one folder; KnowledgeBaseError where it leads
    elsewhere. Options and addresses are filled in by then: what stood in the recipe says little.
    """
    if name in ("", ".", "..") or name.startswith(".") or not name.isprintable():
        plain = False
    else:
        plain = not any(sign in name for sign in "/\\:")
    if not plain:
        raise KnowledgeBaseError(
            f"The recipe '{recipe.name}' with its options gives '{name}' as the name of a file; it "
            "has to be a plain name without folders."
        )
    return name


def _file_name(address: str) -> str:
    return unquote(urlsplit(address).path).rpartition("/")[2]
