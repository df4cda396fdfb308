"""Files from the web into a folder of the user's cache: resumed where they broke off, checked, and
whole or not there.
"""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from biopipe.errors import ConfigError, KnowledgeBaseError
from biopipe.kb.build.fetch_answer import FetchedFile, FetchFailed
from biopipe.kb.build.lock import one_builder
from biopipe.kb.build.transfer import FetchProgress, Transfer, beside, is_wanted

__all__ = ["fetch", "fetched_on"]


def fetch(
    addresses: Sequence[str],
    path: Path,
    *,
    size: int | None = None,
    sha256: str = "",
    refresh: bool = False,
    timeout: float = 30.0,
    attempts: int = 5,
    first_wait: float = 1.0,
    progress: FetchProgress | None = None,
) -> Path:
    """The file of the first of `addresses` that has it, at `path`; one that is there already is
    taken as it is.

    A transfer that breaks off is resumed after 1, 2, 4, ... seconds, `attempts` times without
    getting further; what is there is kept for the next call. With `refresh` the server is asked for
    a newer file. A second process waits for the first. KnowledgeBaseError says why there is no
    file, and where to place one by hand.
    """
    for address in addresses:
        if urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).netloc:
            raise ConfigError(
                f"'{address}' is no address to fetch from; give one that begins with https://."
            )
    if not refresh and is_wanted(path, size, sha256):
        return path
    with one_builder(beside(path, ".lock")):
        # Asked again under the lock: the process that was waited for may have fetched it.
        if refresh or not is_wanted(path, size, sha256):
            transfer = Transfer(path, size, sha256, timeout, attempts, first_wait, progress)
            _first_of(addresses, transfer, refresh=refresh and path.is_file())
    return path


def fetched_on(path: Path) -> str:
    """The date that the server gave a fetched file, as it wrote it, or ""."""
    received = FetchedFile.load(beside(path, ".source.json"))
    return received.modified if received else ""


def _first_of(addresses: Sequence[str], transfer: Transfer, *, refresh: bool) -> None:
    reasons, unreachable = [], set()
    for address in addresses:
        if urlsplit(address).netloc in unreachable:
            continue
        try:
            return transfer.run(address, refresh=refresh)
        except FetchFailed as failed:
            reasons.append(f"{address}: {failed}")
            # Other addresses of that server would only wait for the same time limit.
            if failed.unreachable:
                unreachable.add(urlsplit(address).netloc)
        except OSError as error:
            raise KnowledgeBaseError(
                f"{transfer.path} cannot be written ({error.strerror or error}); free some space "
                "or set BIOPIPE_CACHE "
                "to another folder, and give the command again to go on."
            ) from error
    raise KnowledgeBaseError(
        f"Cannot fetch {'; '.join(reasons)}; get it in a browser or on another machine and place "
        "it at "
        f"{transfer.path}, or give the command again to go on."
    )
