"""``reachback serve`` and ``reachback worker``: the service, and its background work on other machines."""

from __future__ import annotations

import contextlib
import ipaddress
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reachback.commands.exit_codes import ExitCode
from reachback.commands.options import LibraryOption
from reachback.commands.service_options import (
    DatabaseUrlOption,
    DataDirOption,
    open_to_children,
    ready_database,
    service_settings,
)
from reachback.commands.terminal import complain, write_result
from reachback.errors import ReachbackError

if TYPE_CHECKING:
    from reachback.settings import Settings

__all__ = ["check_safe", "serve", "worker"]

_STOPS_WITHIN = 10  # [s] an open stream of events must not keep the service from ending


def serve(
    data_dir: DataDirOption = None,
    database_url: DatabaseUrlOption = None,
    library: LibraryOption = None,
    host: Annotated[str, typer.Option(metavar="H", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="N", min=0, max=65535, help="Port; 0 takes a free one.")] = 8000,
) -> int:
    """Run the reach-back service until it is told to stop (SIGTERM, Ctrl-C)."""
    settings = service_settings(data_dir=data_dir, database_url=database_url, library=library)
    check_safe(settings, host)
    open_to_children(settings)
    _check_library(settings)
    _check_provider(settings)
    with _listening(host, port) as listener, ready_database(settings):
        _run_server(settings, listener)
    return ExitCode.DONE


def worker(
    data_dir: DataDirOption = None, database_url: DatabaseUrlOption = None, library: LibraryOption = None
) -> int:
    """Do the background work – clock, deliveries, scans left by a crash – beside services on other machines."""
    from reachback.assembly import build_services
    from reachback.background import Background
    from reachback.clock import SystemClock
    from reachback.observability import log_to_stderr

    settings = service_settings(data_dir=data_dir, database_url=database_url, library=library)
    open_to_children(settings)
    _check_library(settings)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with ready_database(settings) as database:
        log_to_stderr()
        background = Background(build_services(settings, clock=SystemClock(), database=database), settings)
        background.start()
        write_result("reachback worker is at work")
        try:
            while not stopping.wait(1.0):  # a wait without end would not hear the signal everywhere
                pass
        finally:
            background.stop()
    return ExitCode.DONE


def check_safe(settings: Settings, host: str) -> None:
    """Refuse what would put findings or passwords on a wire that others read, outside of a demonstration."""
    if settings.demo:
        return
    if not (_is_this_machine(host) or settings.public_url.startswith("https:") or settings.allow_plain_http):
        raise ReachbackError(
            f"listening on {host} lets other machines in, and nothing says that there is TLS in front: set"
            " REACHBACK_PUBLIC_URL to the https address of the proxy, or REACHBACK_ALLOW_PLAIN_HTTP=true"
        )
    if settings.webhook_url and not settings.webhook_secret:
        raise ReachbackError("REACHBACK_WEBHOOK_URL needs REACHBACK_WEBHOOK_SECRET: calls to systems are signed")


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check_library(settings: Settings) -> None:
    """Refuse a library that is none before anything starts; it is opened in the background."""
    if settings.library is not None and not Path(settings.library).exists():
        from library.opening import open_library

        open_library(settings.library)  # a release by name, or the refusal that says why


def _check_provider(settings: Settings) -> None:
    """Refuse an identity provider that cannot be used before anybody is let in."""
    from reachback.accounts.identity_provider import ProviderRefused, check_provider

    try:
        check_provider(settings)
    except ProviderRefused as refused:
        raise ReachbackError(str(refused)) from None


@contextlib.contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise ReachbackError(f"cannot listen on {host}, port {port}: {error.strerror or error}") from None
    with listener:
        yield listener


def _run_server(settings: Settings, listener: socket.socket) -> None:
    import uvicorn

    from reachback.app import create_app
    from reachback.observability import log_to_stderr

    log_to_stderr()
    if settings.demo:
        complain("reachback serve: this is a demonstration; unsafe settings are accepted")
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host

    class Server(uvicorn.Server):
        async def startup(self, *arguments: Any, **options: Any) -> None:
            await super().startup(*arguments, **options)
            if self.started:
                write_result(f"reachback listens on http://{shown}:{port}")

    app = create_app(settings, works=True)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        timeout_graceful_shutdown=_STOPS_WITHIN,
    )
    with _quiet_signals():
        Server(config).run(sockets=[listener])
    app.state.services.database.close()


@contextlib.contextmanager
def _quiet_signals() -> Iterator[None]:
    """The server passes the signal that ended it on to whoever was there before; ending on request is no failure."""
    ignore: Callable[..., None] = lambda *_: None  # noqa: E731
    before = {number: signal.signal(number, ignore) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
