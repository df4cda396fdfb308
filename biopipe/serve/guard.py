"""Around every request: whose host it names, the headers of its answer, a line of log without text,
and no traceback that could quote one.
"""

import logging
import time
import traceback
from collections.abc import Collection
from typing import TypeAlias

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from biopipe.serve.refusal import Refusal, refusal_response

__all__ = ["SECURITY_HEADERS", "RequestGuard"]

# The page is made of files of this server and speaks to no other (Content Security Policy Level 3).
SECURITY_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
}
_LOG = logging.getLogger("biopipe.serve")
_Hosts: TypeAlias = Collection[str]


class RequestGuard:
    """ASGI middleware; `hosts` are the names that requests may have in `Host`, empty for any.

    A page of another site can have its own name lead to 127.0.0.1 (DNS rebinding); the name in
    `Host` gives it away. `paths` are those that are written to the log; any other may hold text.
    """

    def __init__(self, app: ASGIApp, *, hosts: _Hosts, paths: Collection[str]) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)
        self._paths = frozenset(paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def guarded_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._answer(scope, receive, guarded_send)
        except Exception as error:  # its message may quote the text, so only its place is told
            _LOG.error("Unexpected %s in %s", type(error).__name__, _place(error))
            # Once the head of an answer is sent, nothing can be taken back.
            if not status:
                refusal = Refusal(500, "The server failed; its log says where.")
                await refusal_response(refusal)(scope, receive, guarded_send)
        # Whoever scans for addresses must not write his own words into the log.
        path = scope["path"] if scope["path"] in self._paths else "(another path)"
        milliseconds = 1000 * (time.perf_counter() - began)
        _LOG.info("%s %s %d in %.0f ms", scope["method"], path, status, milliseconds)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = _host_name(Headers(scope=scope).get("host", ""))
        # Against DNS rebinding: a page of another site may resolve its own name to this machine.
        if self._hosts and host not in self._hosts:
            refusal = Refusal(
                421, "The server does not answer to this name; name it with --allow-host."
            )
            await refusal_response(refusal)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _host_name(header: str) -> str:
    """The name in a `Host` header, without the port and the brackets of IPv6 (RFC 3986)."""
    if header.startswith("["):
        return header[1:].partition("]")[0].lower()
    return header.partition(":")[0].lower()


def _place(error: Exception) -> str:
    """File and line of the innermost call, without what the exception says."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "an unknown place"
