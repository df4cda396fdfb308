"""Reading the body of a request: as much as the limits allow."""

import asyncio
from contextlib import suppress

from starlette.requests import ClientDisconnect, Request

from biopipe.serve.limits import ServerLimits
from biopipe.serve.refusal import Refusal

__all__ = ["read_body"]

# A client that is cut off while it sends never sees the answer, so as much is read and thrown away.
_DISCARDED_BYTES = 64_000_000
_DISCARDING_SECONDS = 5.0


async def read_body(request: Request, limits: ServerLimits) -> bytes:
    """The body of a request that declares JSON.

    Refusal with 415 for another kind, 413 where it is larger than the limit, whether it says so or
    not, and 408 where it does not come in time.
    """
    try:
        _check_head(request, limits)
        return await asyncio.wait_for(_received(request, limits), limits.seconds)
    except Refusal:
        await _discard(request)
        raise
    except asyncio.TimeoutError as error:  # not the built-in one before Python 3.11
        raise Refusal(
            408, f"The body did not come within {limits.seconds:g} seconds; send it again."
        ) from error
    except ClientDisconnect as error:
        raise Refusal(400, "The connection ended within the body.") from error


async def _received(request: Request, limits: ServerLimits) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limits.body_bytes:
            raise _too_large(limits)
    return bytes(body)


async def _discard(request: Request) -> None:
    """Read what is left of a body that is refused."""
    if request.headers.get("expect", "").lower() == "100-continue":
        return  # the client waits for the answer before it sends
    # A RuntimeError says that all of it is read.
    with suppress(asyncio.TimeoutError, ClientDisconnect, RuntimeError):
        await asyncio.wait_for(_read_on(request), _DISCARDING_SECONDS)


async def _read_on(request: Request) -> None:
    left = _DISCARDED_BYTES
    async for chunk in request.stream():
        left -= len(chunk)
        if left < 0:
            return


def _check_head(request: Request, limits: ServerLimits) -> None:
    """Refusal for what the headers say of a body."""
    _check_kind(request)
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limits.body_bytes:
        raise _too_large(limits)


def _check_kind(request: Request) -> None:
    # A page of another site can send forms and plain text without asking, but not JSON.
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    if kind.strip().lower() != "application/json":
        raise Refusal(415, "The body is not declared as JSON; send Content-Type: application/json.")
    charset = parameters.lower().replace(" ", "").replace('"', "").partition("charset=")[2]
    if charset.partition(";")[0] not in ("", "utf-8", "utf8"):
        raise Refusal(415, "JSON is UTF-8; send the body in it, or leave the charset out.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Refusal(415, "The body is compressed; send it as it is.")


def _too_large(limits: ServerLimits) -> Refusal:
    return Refusal(
        413, f"The body is larger than {limits.body_bytes:,} bytes; send fewer texts at a time."
    )
