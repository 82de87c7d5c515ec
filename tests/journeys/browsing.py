"""A real browser before a real desk: nothing is fetched from elsewhere, and no page complains.

The browser is the system's Chromium (``apt-get install chromium``); where there is none, the tests say so and skip.
Pictures of pages go to ``tests/journeys/pictures/`` (or ``REACHBACK_PICTURES``), which git ignores.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Route, expect, sync_playwright

from library.opening import starter_folder
from reachback.accounts.models import Role
from reachback.app import create_app
from reachback.assembly import Services
from reachback.commands.service_options import ready_database
from reachback.settings import Settings

__all__ = ["EXAMPLES", "PASSWORD", "PICTURES", "RunningDesk", "Visitor", "browser", "find_chromium", "serve_desk"]

EXAMPLES = starter_folder() / "examples"
PASSWORD = "a long enough password"  # noqa: S105 – of accounts that live as long as a test
PICTURES = Path(os.environ.get("REACHBACK_PICTURES", Path(__file__).parent / "pictures"))
NO_BROWSER = "no Chromium on this machine: install it (apt-get install chromium) or name it by REACHBACK_CHROMIUM"
PHONE, DESK = (360, 740), (1280, 900)
STARTS_WITHIN = 120.0  # [s]
PATIENCE = 20_000.0  # [ms] a busy machine is no failure
FAILED_LOAD = "Failed to load resource: the server responded with a status of "
expect.set_options(timeout=PATIENCE)
GRAVE = ("serious", "critical")


def find_chromium() -> str | None:
    """The system's browser; REACHBACK_CHROMIUM names another one."""
    named = os.environ.get("REACHBACK_CHROMIUM")
    candidates = [named] if named else ["chromium", "chromium-browser", "google-chrome"]
    return next((found for each in candidates if (found := shutil.which(each))), None)


@dataclass(frozen=True)
class RunningDesk:
    """A desk that answers, and its services."""

    address: str
    services: Services
    cookies: dict[str, list[Any]] = field(default_factory=dict)  # of those who have signed in before

    def person(self, role: Role, name: str, unit: str | None = None) -> str:
        """An account that signs in with PASSWORD; its name."""
        accounts = self.services.accounts
        admin = accounts.principal_of_token(accounts.token_for(Role.ADMIN, "root of tests", None))
        if name not in {each["name"] for each in accounts.accounts()}:
            accounts.create(admin, name=name, role=role, unit=unit, password=PASSWORD)
        return name

    def api(self, role: Role, name: str, unit: str | None = None) -> httpx.Client:
        """A client that speaks to the interface as this person."""
        token = self.services.accounts.token_for(role, name, unit)
        return httpx.Client(
            base_url=f"{self.address}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=60.0
        )


@contextmanager
def serve_desk(folder: Path, **settings: Any) -> Iterator[RunningDesk]:
    """A desk on a database of its own, with real identification, until the block ends."""
    settings = {"second_read_share": 0.0, **settings}  # no case is drawn for a second reading by chance
    used = Settings(data_dir=folder, demo=True, workers=1, library=None, **settings)
    with ready_database(used):
        app = create_app(used, works=True)
        config = uvicorn.Config(app, port=0, log_config=None, access_log=False, timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        try:
            yield RunningDesk(_wait(server, thread), app.state.services)
        finally:
            server.should_exit = True
            thread.join(timeout=30.0)
            app.state.services.database.close()


def _wait(server: uvicorn.Server, thread: threading.Thread) -> str:
    ends = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < ends and thread.is_alive():
        if server.started:
            port = server.servers[0].sockets[0].getsockname()[1]
            address = f"http://127.0.0.1:{port}"
            if httpx.get(f"{address}/healthz", timeout=5.0).is_success:
                return address
        time.sleep(0.05)
    raise AssertionError("the desk did not start")


@pytest.fixture(scope="module")
def running_desk() -> Iterator[RunningDesk]:
    """One desk for all tests of a file."""
    if find_chromium() is None:
        pytest.skip(
            "no Chromium on this machine: install it (apt-get install chromium) or name it (REACHBACK_CHROMIUM)"
        )
    with tempfile.TemporaryDirectory(prefix="reachback-desk-") as folder, serve_desk(Path(folder)) as desk:
        yield desk


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all tests of a file."""
    path = find_chromium()
    if path is None:
        pytest.skip(
            "no Chromium on this machine: install it (apt-get install chromium) or name it (REACHBACK_CHROMIUM)"
        )
    is_root = getattr(os, "geteuid", lambda: 1)() == 0  # Chromium's sandbox refuses root, as in a container
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"] if is_root else []
        )
        yield launched
        launched.close()


@dataclass
class Visitor:
    """Somebody before a screen; what must not happen is noted, and asserted at the end of the test."""

    page: Page
    address: str
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    expected_statuses: set[int] = field(default_factory=set)
    expected_texts: tuple[str, ...] = ()

    def watch(self) -> None:
        """Let nothing out to other hosts, and hear what the pages complain of."""
        self.page.set_default_timeout(PATIENCE)
        self.page.context.route("**/*", self._guard)
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))

    def go(self, path: str) -> None:
        """Open a page of the desk."""
        self.page.goto(self.address + path)

    def sign_in(self, name: str) -> None:
        """Through the form, as everybody."""
        self.go("/sign-in")
        self.page.get_by_label("Name").fill(name)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("main").get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(lambda url: "/sign-in" not in url)

    def picture(self, name: str) -> Path:
        """A picture of the whole page, kept to be looked at."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        path = PICTURES / f"{name}.png"
        self.page.screenshot(path=path, full_page=True, animations="disabled")
        return path

    def grave_findings(self) -> list[str]:
        """What axe-core calls serious or critical on the page as it stands."""
        found = Axe().run(self.page).response["violations"]
        return [
            f"{each['id']}: {each['help']}: {node['html'][:200]}"
            for each in found
            if each["impact"] in GRAVE
            for node in each["nodes"]
        ]

    def overflow(self) -> int:
        """By how many pixels the page is wider than the screen."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))

    def end(self) -> None:
        """Assert that nothing went wrong on the way."""
        self.page.context.close()
        assert self.foreign == [], "a page asked another host"
        assert self.complaints == [], "a page complained"

    def _guard(self, route: Route, request: Request) -> None:
        if urlsplit(request.url).netloc == urlsplit(self.address).netloc or request.url.startswith(("data:", "blob:")):
            route.continue_()
        else:
            self.foreign.append(request.url)
            route.abort()

    def _note(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        text = message.text
        if text.startswith(FAILED_LOAD) and text.removeprefix(FAILED_LOAD)[:3] in map(str, self.expected_statuses):
            return
        if any(each in text for each in self.expected_texts):
            return
        self.complaints.append(text)


@pytest.fixture
def visit(browser: Browser, running_desk: RunningDesk) -> Iterator[Callable[..., Visitor]]:
    """Open a browser window: ``visit("anna", size=PHONE, javascript=True, language="en-GB")``; None is nobody yet."""
    opened: list[Visitor] = []

    def open_window(
        name: str | None = None,
        *,
        size: tuple[int, int] = PHONE,
        javascript: bool = True,
        language: str = "en-GB",
        dark: bool = False,
        expect: set[int] | None = None,
        begin: bool = True,
    ) -> Visitor:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            java_script_enabled=javascript,
            locale=language,
            timezone_id="Europe/Madrid",
            color_scheme="dark" if dark else "light",
            has_touch=size == PHONE,
            device_scale_factor=2 if size == PHONE else 1,
        )
        visitor = Visitor(context.new_page(), running_desk.address, expected_statuses=expect or set())
        visitor.watch()
        opened.append(visitor)
        if name in running_desk.cookies:  # signing in takes long on purpose, so once is enough
            context.add_cookies(running_desk.cookies[name])
            if begin:
                visitor.go("/")
        elif name is not None:
            visitor.sign_in(name)
            running_desk.cookies[name] = context.cookies()
        return visitor

    yield open_window
    for visitor in opened:
        visitor.end()
