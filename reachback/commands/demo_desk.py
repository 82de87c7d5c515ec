"""The second half of the demonstration: one scan's way over a desk that runs for it, told step by step."""

from __future__ import annotations

import contextlib
import json
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reachback.errors import ReachbackError

if TYPE_CHECKING:
    import httpx
    from rich.console import Console

    from reachback.assembly import Services

__all__ = ["walk_the_desk"]

EXAMPLE = "ftir_cut_drug.jdx"
UNIT = "Harbour"
STARTS_WITHIN = 120.0  # [s]
USUAL_PORT = 8000


def walk_the_desk(console: Console, examples: Path, once: bool) -> None:
    """Run a desk in a temporary folder, take one scan through it, and without ``once`` leave it running."""
    _say(console, "The reach-back desk", bold=True)
    _say(
        console,
        "Now the same over the service: a desk with a database of its own runs on this machine, in a folder that is"
        " removed at the end. Here every finding is read twice; a real desk does so where it matters, and at random.",
    )
    with (
        tempfile.TemporaryDirectory(prefix="reachback-demo-") as folder,
        _running(Path(folder), 0 if once else USUAL_PORT) as (address, services),
    ):
        people = _people(services)
        Walk(console, address, people).take(examples / EXAMPLE)
        if not once:
            _stay(console, address, people)
    _say(console, "The desk has ended; nothing was kept.")


@dataclass(frozen=True, slots=True)
class Walk:
    """One scan on its way, and who takes it there."""

    console: Console
    address: str
    tokens: dict[str, str]

    def take(self, scan: Path) -> None:
        """From the officer's upload to the officer's reply."""
        uploaded = self._upload(scan)
        case_id = uploaded["case"]["case_id"]
        components = self._first_reading(case_id)
        self._second_reading(case_id, components)
        released = self._call("first chemist", "POST", f"/cases/{case_id}/release", {})
        self._step("Release", f"The answer goes to the officer; the case is {released['case']['state']}.")
        self._reply(case_id, uploaded["scan_id"])

    def _upload(self, scan: Path) -> dict[str, Any]:
        form = {"exhibit": "D-1", "place": "parcel, sorting hall", "appearance": "white powder"}
        answer = self._request(
            "officer",
            "POST",
            "/scans",
            files={"file": (scan.name, scan.read_bytes())},
            data={"metadata": json.dumps(form)},
            headers={"Idempotency-Key": "demonstration-1"},
        )
        uploaded: dict[str, Any] = answer.json()
        outcome = uploaded["identification"]["outcome"]
        self._step(
            "Upload", f"An officer of {UNIT} sends {scan.name}. The machine says at once: {outcome}, presumptive."
        )
        if uploaded["case"] is None:
            raise ReachbackError(f"the example {scan.name} opened no case; the demonstration cannot go on")
        receipt = uploaded["receipt"]
        self._step(
            "Receipt",
            f"SHA-256 {uploaded['sha256'][:16]}…, entry {receipt['audit_index']} of the audit log."
            f" A case is open; its answer is due at {uploaded['case']['due_at'][11:16]} UTC.",
        )
        return uploaded

    def _first_reading(self, case_id: str) -> list[dict[str, Any]]:
        waiting = self._call("first chemist", "GET", "/cases?state=queued")["items"]
        lease = self._claim("first chemist", case_id)
        self._step("Queue and claim", f"{len(waiting)} case waits. A chemist claims it; nobody else can meanwhile.")
        folded = self._call("first chemist", "GET", f"/cases/{case_id}/evidence")
        hidden = "hidden" if folded["scans"][0]["suspicions"] is None else "shown"
        said = {"lease_token": lease, "text": "Many overlapping bands: this looks like a mixture."}
        self._call("first chemist", "POST", f"/cases/{case_id}/first-impression", said)
        self._step("First impression", f"The machine's view is {hidden}; the chemist writes down what the scan shows.")
        shown = self._call("first chemist", "GET", f"/cases/{case_id}/evidence")
        machine = shown["scans"][0]["suspicions"]["machine"][0]
        components = [{"substance": part["substance"], "form": part["form"]} for part in machine["components"]]
        finding = {
            "lease_token": lease,
            "outcome": _outcome(components),
            "components": components,
            "comment": "All bands explained.",
        }
        found = self._call("first chemist", "POST", f"/cases/{case_id}/finding", finding)
        names = ", ".join(part["substance"] for part in components)
        self._step("Finding", f"{names or 'not identified'}. Next: a second reader ({found['next_reader_because']}).")
        return components

    def _second_reading(self, case_id: str, components: list[dict[str, Any]]) -> None:
        lease = self._claim("second chemist", case_id)
        blind = self._call("second chemist", "GET", f"/cases/{case_id}/evidence")
        hidden = "does not see" if blind["findings_hidden"] else "sees"
        finding = {"lease_token": lease, "outcome": _outcome(components), "components": components[::-1], "comment": ""}
        read = self._call("second chemist", "POST", f"/cases/{case_id}/second-read", finding)
        self._step(
            "Second reader",
            f"Another chemist reads the scan and {hidden} the first finding. They agree: {read['case']['state']}.",
        )

    def _reply(self, case_id: str, scan_id: str) -> None:
        reply = self._call("officer", "GET", f"/cases/{case_id}/reply")
        content = reply["content"]
        self._step("The officer reads", f"{' · '.join(content['marks'])}: {content['headline']}.")
        for sentence in (content["read_by"]["in_words"], *content["not_seen"], *content["next_steps"]):
            _say(self.console, f"   – {sentence}")
        for card in content["cards"]:
            _say(self.console, f"   – Card: {card['title']} ({len(card['lines'])} lines, each with its source)")
        report = self._request("officer", "GET", f"/scans/{scan_id}/report.pdf").content
        again = self._request("officer", "GET", f"/scans/{scan_id}/report.pdf").content
        package = self._request("officer", "GET", f"/scans/{scan_id}/package.zip").content
        same = "the same bytes each time" if report == again else "NOT the same bytes each time"
        self._step(
            "Report and package",
            f"A PDF of {len(report) // 1024} kB, {same}; a package of {len(package) // 1024} kB with originals, data,"
            " proofs, and a program that checks them.",
        )

    def _claim(self, who: str, case_id: str) -> str:
        return str(self._call(who, "POST", f"/cases/{case_id}/claim")["lease"]["token"])

    def _call(self, who: str, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = self._request(who, method, path, json=body).json()
        return result

    def _request(self, who: str, method: str, path: str, **parts: Any) -> httpx.Response:
        import httpx

        headers = {"Authorization": f"Bearer {self.tokens[who]}"} | parts.pop("headers", {})
        answer = httpx.request(method, f"{self.address}/api/v1{path}", headers=headers, timeout=60.0, **parts)
        if not answer.is_success:
            raise ReachbackError(f"the desk answered {answer.status_code} to {method} {path}: {answer.text[:300]}")
        return answer

    def _step(self, what: str, sentence: str) -> None:
        from rich.text import Text

        self.console.print(Text.assemble((f"{what}. ", "bold"), sentence))


def _outcome(components: list[dict[str, Any]]) -> str:
    """What the demonstration's chemists conclude, who name what the machine named."""
    return {0: "not_identified", 1: "identified"}.get(len(components), "mixture")


def _people(services: Services) -> dict[str, str]:
    """A token for each of those who play a part."""
    from reachback.accounts.models import Role

    roles = {"officer": Role.OFFICER, "first chemist": Role.CHEMIST, "second chemist": Role.CHEMIST}
    parts = {**roles, "supervisor": Role.SUPERVISOR, "auditor": Role.AUDITOR}
    units = {"officer": UNIT}
    return {name: services.accounts.token_for(role, f"demo {name}", units.get(name)) for name, role in parts.items()}


@contextlib.contextmanager
def _running(folder: Path, port: int) -> Iterator[tuple[str, Services]]:
    """A desk that answers on this machine, until the block ends."""
    import uvicorn

    from reachback.app import create_app
    from reachback.commands.service_options import ready_database, service_settings

    settings = service_settings(data_dir=folder, demo=True, workers=1, second_read_share=1.0).model_copy(
        # Whatever the environment says: a demonstration touches no real database and writes to nobody.
        update={"database_url": None, "library": None, "channels": "", "webhook_url": None}
    )
    with ready_database(settings), _logging_warnings_only():
        app = create_app(settings, works=True)
        listener = _listener(port)
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="on", timeout_graceful_shutdown=5)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            address = f"http://127.0.0.1:{listener.getsockname()[1]}"
            _wait_until_healthy(address, thread)
            yield address, app.state.services
        finally:
            server.should_exit = True
            thread.join(timeout=30.0)
            listener.close()
            app.state.services.database.close()


@contextlib.contextmanager
def _logging_warnings_only() -> Iterator[None]:
    """Keep the story free of the service's own log, and leave logging as it was found."""
    import logging

    import structlog

    from reachback.observability import log_to_stderr

    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    log_to_stderr(logging.WARNING)
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.configure(**before)


def _listener(port: int) -> socket.socket:
    """The usual port, or a free one where somebody has it already."""
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError:
        return socket.create_server(("127.0.0.1", 0))


def _wait_until_healthy(address: str, thread: threading.Thread) -> None:
    import httpx

    ends = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < ends and thread.is_alive():
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{address}/healthz", timeout=5.0).is_success:
                return
        time.sleep(0.1)
    raise ReachbackError("the desk of the demonstration did not start; run 'reachback serve' to see why")


def _stay(console: Console, address: str, people: dict[str, str]) -> None:
    _say(console, f"\nThe desk stays open on {address} (API: {address}/openapi.json); Ctrl-C ends it.", bold=True)
    _say(console, "Bearer tokens of this demonstration:")
    for name, token in people.items():
        _say(console, f"  {name}: {token}")
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            time.sleep(0.5)


def _say(console: Console, sentence: str, *, bold: bool = False) -> None:
    from rich.text import Text

    console.print(
        Text(sentence, style="bold" if bold else ""), soft_wrap="://" in sentence or sentence.startswith("  ")
    )
