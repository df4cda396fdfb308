"""A server from start to stop: its socket, its pipelines, its signals."""

import signal
import socket
from collections.abc import Callable, Sequence
from ipaddress import ip_address

import uvicorn

from biopipe.errors import ConfigError
from biopipe.serve.app import make_app
from biopipe.serve.limits import ServerLimits
from biopipe.serve.served import load_served

__all__ = ["run_server"]

_LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")


def run_server(
    pipelines: Sequence[str],
    *,
    host: str,
    port: int,
    device: str | None,
    limits: ServerLimits,
    allowed_hosts: Sequence[str],
    announce: Callable[[str], None],
) -> None:
    """Serve until SIGTERM or SIGINT; arguments as of `biopipe.serve.serve`."""
    # Bound before pipelines load, so that a port in use is said at once; it listens only when they
    # are there.
    with _bound_socket(host, port) as listener:
        served = load_served(pipelines, device=device)
        address, port = listener.getsockname()[:2]
        app = make_app(served, limits=limits, hosts=_names(host, address, allowed_hosts))
        config = uvicorn.Config(
            app,
            access_log=False,
            log_config=None,
            server_header=False,
            ws="none",
            timeout_graceful_shutdown=limits.stop_seconds,
        )
        shown = f"[{address}]" if ":" in address else address
        names = ", ".join(pipeline.name for pipeline in served)
        server = _AnnouncingServer(
            config, lambda: announce(f"Serving {names} on http://{shown}:{port}")
        )
        for number in (signal.SIGTERM, signal.SIGINT):
            # uvicorn has handlers of its own while it runs, and raises the signal again for these.
            signal.signal(number, lambda _number, _frame: server.stop())
        server.run(sockets=[listener])


class _AnnouncingServer(uvicorn.Server):
    """A server that says when it takes requests."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the sockets, then tell."""
        await super().startup(sockets)
        self._announce()

    def stop(self) -> None:
        """Stop as soon as what is under way is done."""
        self.should_exit = True


def _bound_socket(host: str, port: int) -> socket.socket:
    """A socket at the address, which nobody can reach before the pipelines are there."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise ConfigError(f"There is no address '{host}' here ({error.strerror}).") from error
    try:
        # A server that is started again need not wait for old connections to time out.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"Port {port} of {host} cannot be had ({error.strerror}); give another with --port, "
            "0 for any that is free."
        ) from error
    return listener


def _names(host: str, address: str, allowed: Sequence[str]) -> list[str]:
    """The names that requests may call the server by; none, for any, where others than this machine
    reach it and no name was given.
    """
    if allowed:
        return [*allowed, *_LOCAL_NAMES]
    return [host, address, *_LOCAL_NAMES] if ip_address(address).is_loopback else []
