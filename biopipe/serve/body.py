"""Reading the body of a request: as much as the limits allow."""

import asyncio

from starlette.requests import ClientDisconnect, Request

from biopipe.serve.limits import ServerLimits
from biopipe.serve.refusal import Refusal

__all__ = ["read_body"]


async def read_body(request: Request, limits: ServerLimits) -> bytes:
    """The body of a request that declares JSON.

    Refusal with 415 for another kind, 413 where it is larger than the limit, whether it says so or
    not, and 408 where it does not come in time.
    """
    _check_kind(request)
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limits.body_bytes:
        raise _too_large(limits)
    try:
        return await asyncio.wait_for(_received(request, limits), limits.seconds)
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
