"""The same pipelines over HTTP, with a page; needs the extra `serve`.

What needs FastAPI is imported when a server starts.
"""

from collections.abc import Callable, Sequence

from biopipe.extras import require
from biopipe.serve.limits import ServerLimits

__all__ = ["ServerLimits", "serve"]


def serve(
    pipelines: Sequence[str] = ("default",),
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    device: str | None = None,
    limits: ServerLimits | None = None,
    allowed_hosts: Sequence[str] = (),
    announce: Callable[[str], None] = lambda _sentence: None,
) -> None:
    """Serve pipelines, by names that `biopipe.load` takes, until SIGTERM or SIGINT.

    The first is the one for requests that name none. Requests that are under way are finished
    first, for at most `limits.stop_seconds`. `port` 0 is any free one; `announce` is told the
    address once requests are taken. `allowed_hosts` are further names that requests may give in
    `Host`. To be called in the main thread. ExtraMissing where the extra is not installed,
    ConfigError where the address cannot be had, errors as of `biopipe.load`.

        serve(["fast"], port=8080, announce=print)
    """
    # Before any model is loaded, and with the name of the extra in the error.
    for module in ("fastapi", "uvicorn"):
        require(module, "serve")
    from biopipe.serve.server import run_server

    run_server(
        pipelines,
        host=host,
        port=port,
        device=device,
        limits=limits or ServerLimits(),
        allowed_hosts=allowed_hosts,
        announce=announce,
    )
