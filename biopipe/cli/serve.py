"""`biopipe serve`: pipelines over HTTP, with a page."""

import logging
import sys
from typing import Annotated

import typer

from biopipe.cli.pipeline_options import DeviceName

__all__ = ["register"]

Pipelines = Annotated[
    list[str] | None,
    typer.Option(
        "--pipeline",
        help="'default', 'fast', 'clinical', a folder of nlp.to_disk, a .json or .cfg file, or a "
        "spaCy package; repeat for several, the first is used unless a request names another.",
    ),
]
Host = Annotated[str, typer.Option(help="Address to listen at; 0.0.0.0 for other machines too.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="0 for any free one.")]
AllowedHosts = Annotated[
    list[str] | None,
    typer.Option("--allow-host", help="A name that requests may call the server by; repeatable."),
]
BodyBytes = Annotated[int, typer.Option("--max-body", min=1, help="Bytes of one request.")]
Texts = Annotated[int, typer.Option("--max-texts", min=1, help="Texts of one request.")]
Characters = Annotated[int, typer.Option("--max-characters", min=1, help="Characters of one text.")]
Requests = Annotated[int, typer.Option("--max-requests", min=1, help="Requests under way.")]
Seconds = Annotated[float, typer.Option("--timeout", min=1, help="Seconds for one request.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Log no requests, errors alone.")]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("serve")(serve_command)


def serve_command(
    pipeline: Pipelines = None,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    device: DeviceName = None,
    allow_host: AllowedHosts = None,
    max_body: BodyBytes = 8_000_000,
    max_texts: Texts = 1_000,
    max_characters: Characters = 200_000,
    max_requests: Requests = 64,
    timeout: Seconds = 60.0,
    quiet: Quiet = False,
) -> None:
    """Serve pipelines over HTTP, with a page to try them on.

    Example: biopipe serve --pipeline fast --port 8080
    """
    from biopipe.serve import ServerLimits
    from biopipe.serve import serve as serve_pipelines

    _log_to_stderr(quiet=quiet)
    serve_pipelines(
        pipeline or ["default"],
        host=host,
        port=port,
        device=device,
        limits=ServerLimits(
            body_bytes=max_body,
            texts=max_texts,
            text_characters=max_characters,
            requests=max_requests,
            seconds=timeout,
        ),
        allowed_hosts=allow_host or [],
        announce=lambda sentence: typer.echo(sentence, err=True),
    )


def _log_to_stderr(*, quiet: bool) -> None:
    """Log requests and warnings, or warnings alone."""
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.WARNING,
        format="%(asctime)s %(levelname)s %(message)s",
    )
    # Libraries stay at warnings; requests are told by the server's own logger.
    logging.getLogger("biopipe.serve").setLevel(logging.WARNING if quiet else logging.INFO)
