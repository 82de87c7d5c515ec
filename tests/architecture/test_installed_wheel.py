"""The wheel, installed alone in an empty environment: it serves every page, with everything that the page loads.

The environment borrows the packages of others from the one that runs the tests and nothing of the source tree: a path
in a ``.pth`` file is not searched for further ``.pth`` files, so the editable install stays out of sight.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

from reachback.accounts.models import Role
from reachback.accounts.routes_rights import Right, public
from reachback.web.pages import PAGE_ROUTERS

LIMIT = 150_000  # [bytes] of a page with all it loads, compressed
STARTS_WITHIN = 120.0  # [s]
MOST_PAGES = 60  # that a role is led to by links; a list of a thousand rows teaches nothing more
VARIANTS = 2  # of one address, by what follows its question mark
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf500f00038401805a34"
    "7d6b0000000049454e44ae426082"
)
# There once something is: a scan that may become a reference, a library of the desk's own. Links lead to them then.
LINKED_ONLY = ("/library/propose/scans/", "/library/releases/new")
LOADED = {"script": "src", "img": "src", "link": "href", "source": "src"}
IMPORTED = re.compile(r'^(?:import|export)[^"\n]*"(\./[^"]+)"', re.MULTILINE)
BY_NAME = re.compile(r'url\("?([^")]+)"?\)')
ID = re.compile(r"/[0-9a-f-]{32,36}(?=/|$)")


@dataclass(frozen=True)
class Installed:
    """A service that runs from the wheel, a token of each role, and the ids of a case in it."""

    url: str
    tokens: dict[Role, str]
    ids: dict[str, str] = field(default_factory=dict)

    def client(self, role: Role) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.tokens[role]}", "Accept": "text/html", "Accept-Encoding": "gzip"}
        return httpx.Client(base_url=self.url, headers=headers, follow_redirects=True, timeout=120.0)


@pytest.fixture(scope="module")
def environment(wheel_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel in it; its Python."""
    folder = tmp_path_factory.mktemp("installed") / "environment"
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    run = (sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-input")
    subprocess.run([*run, "--no-deps", "--no-index", "--no-compile", str(wheel_file)], check=True, timeout=120)
    (site,) = folder.glob("lib/python*/site-packages")
    others = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (site / "others.pth").write_text("".join(f"{path}\n" for path in sorted(others)))
    return python


@pytest.fixture(scope="module")
def installed(environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """The service, started from an empty folder by the command that the wheel brings."""
    folder = tmp_path_factory.mktemp("elsewhere")
    command = environment.parent / "reachback"
    # No PYTHONPATH and no settings of ours: what a stranger has after `pip install`.
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    clean["REACHBACK_SECOND_READ_SHARE"] = "0"  # nothing is left to chance
    where = ("--data-dir", str(folder / "data"))
    tokens = {}
    for role in Role:
        named = ("--role", str(role), "--name", f"a {role}", "--unit", "harbour")
        made = subprocess.run(
            [str(command), "token", *named, *where], cwd=folder, env=clean, capture_output=True, text=True, check=True
        )
        tokens[role] = made.stdout.splitlines()[-1]
    with running([str(command), "serve", "--port", "0", *where], folder, clean) as url:
        yield with_a_case(Installed(url, tokens), environment)


@contextmanager
def running(command: list[str], folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """The service until the block ends; its address."""
    with (folder / "serve.log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
        assert process.stdout is not None
        try:
            found = next(filter(None, (re.search(r"http://\S+", line) for line in process.stdout)), None)
            assert found, (folder / "serve.log").read_text()[-2000:]
            ends = time.monotonic() + STARTS_WITHIN
            while not httpx.get(f"{found[0]}/healthz", timeout=30.0).is_success:
                assert time.monotonic() < ends, "it does not become healthy"
                time.sleep(0.2)
            yield found[0]
        finally:
            process.terminate()
            process.wait(timeout=30)
            process.stdout.close()


def with_a_case(made: Installed, python: Path) -> Installed:
    """A scan with a photo, in a case that was answered and confirmed; and a case that waits."""
    (starter,) = python.parents[1].glob("lib/python*/site-packages/library/_starter/examples")
    with made.client(Role.OFFICER) as officer, made.client(Role.CHEMIST) as chemist:
        sent = send(officer, starter / "ftir_pure_drug.jdx", "E-1")
        send(officer, starter / "ftir_cut_drug.jdx", "E-2")
        scan_id, case_id = sent["scan_id"], sent["case"]["case_id"]
        token = chemist.post(f"/api/v1/cases/{case_id}/claim").json()["lease"]["token"]
        parts = [{key: part[key] for key in ("substance", "form")} for part in sent["identification"]["components"]]
        result = {"laboratory": "North", "technique": "GC-MS", "components": parts, "reference_number": "N1"}
        for what, body in (
            ("first-impression", {"lease_token": token, "text": "pure"}),
            ("laboratory-referral", {"laboratory": "North"}),
            ("finding", {"lease_token": token, "outcome": "identified", "components": parts}),
            ("release", {}),
            ("lab-result", {**result, "reported_at": "2026-01-01T10:00:00Z"}),
        ):
            answer = chemist.post(f"/api/v1/cases/{case_id}/{what}", json=body)
            assert answer.is_success, answer.text
        assert answer.json()["case"]["state"] == "lab_confirmed"
        (photo,) = officer.get(f"/api/v1/scans/{scan_id}").json()["attachments"]
    ids = {"scan_id": scan_id, "case_id": case_id, "attachment_id": photo["attachment_id"], "index": "3"}
    return Installed(made.url, made.tokens, ids)


def send(officer: httpx.Client, file: Path, exhibit: str) -> dict[str, Any]:
    files = [("file", (file.name, file.read_bytes())), ("photo_powder", ("bag.png", PNG))]
    metadata = json.dumps({"exhibit": exhibit, "want_review": True})
    sent: dict[str, Any] = officer.post("/api/v1/scans", files=files, data={"metadata": metadata}).json()
    return sent


class Links(HTMLParser):
    """Where a page leads, and what it loads."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.leads: list[str] = []
        self.loads: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said: dict[str, str] = {key: value for key, value in attrs if value}
        if tag in LOADED and LOADED[tag] in said:
            self.loads.append(said[LOADED[tag]])
        if tag == "a" and "href" in said:
            self.leads.append(said["href"])
        self.leads += [said[key] for key in ("hx-get", "data-rows") if key in said]


@dataclass
class Walk:
    """One role's way through all pages."""

    client: httpx.Client
    wrong: list[str] = field(default_factory=list)
    heavy: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    loaded: dict[str, tuple[int, list[str]]] = field(default_factory=dict)  # address → bytes on the wire, what it needs

    def through(self, begins: list[str]) -> None:
        waiting, variants = list(begins), dict[str, int]()
        while waiting and len(self.seen) < MOST_PAGES:
            address = waiting.pop(0).split("#")[0]
            shape = ID.sub("/*", urlsplit(address).path)
            variants[shape] = variants.get(shape, 0) + (address not in self.seen)
            if address in self.seen or variants[shape] > VARIANTS:
                continue
            self.seen.add(address)
            waiting += self._page(address)

    def _page(self, address: str) -> list[str]:
        size, answer = self._get(address)
        if not answer.headers.get("content-type", "").startswith("text/html"):
            return []
        links = Links(answer.text)
        size += sum(self._load(urljoin(address, each)) for each in dict.fromkeys(links.loads))
        if size > LIMIT:
            self.heavy.append(f"{address}: {size} bytes")
        own = [urljoin(address, each) for each in links.leads]
        return [each for each in own if not urlsplit(each).netloc and not each.startswith(("/api/", "mailto:"))]

    def _load(self, address: str) -> int:
        """Bytes of a file with all that it needs itself."""
        needed, waiting = {address}, [address]
        while waiting:
            each = waiting.pop()
            if each not in self.loaded:
                size, answer = self._get(each)
                kind = answer.headers.get("content-type", "")
                found = IMPORTED.findall(answer.text) if "javascript" in kind else []
                found += BY_NAME.findall(answer.text) if "css" in kind else []
                self.loaded[each] = size, [urljoin(each, name) for name in found if not name.startswith("data:")]
            fresh = set(self.loaded[each][1]) - needed
            needed |= fresh
            waiting += fresh
        return sum(self.loaded[each][0] for each in needed)

    def _get(self, address: str) -> tuple[int, httpx.Response]:
        with self.client.stream("GET", address) as answer:
            answer.read()
        if answer.status_code != 200:
            self.wrong.append(f"{answer.status_code} {address}")
        return answer.num_bytes_downloaded, answer


def pages_of(role: Role, ids: dict[str, str]) -> list[str]:
    """Pages that this role may see, of those whose address is known."""
    found = []
    for route in (route for router in PAGE_ROUTERS for route in router.routes):
        path, methods, dependant = (getattr(route, name) for name in ("path_format", "methods", "dependant"))
        names = set(re.findall(r"{(\w+)}", path))
        stated = [each.call for each in dependant.dependencies]
        allowed = public in stated or any(isinstance(each, Right) and role in each.roles for each in stated)
        needs_more = any(each.field_info.is_required() for each in dependant.query_params)
        is_linked_only = path.startswith(LINKED_ONLY)
        if "GET" in methods and names <= set(ids) and allowed and not needs_more and not is_linked_only:
            found.append(path.format(**ids))
    return found


def test_it_runs_from_what_was_installed(environment: Path, tmp_path: Path) -> None:
    asked = "import library, reachback, reachback.web.pages as pages; print(reachback.__file__); print(pages.__file__)"
    said = subprocess.run(
        [str(environment), "-I", "-c", asked], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60
    )
    assert all(line.startswith(str(environment.parents[1])) for line in said.stdout.split())


@pytest.mark.parametrize("role", list(Role))
def test_every_page_is_served_and_light(installed: Installed, role: Role) -> None:
    with installed.client(role) as client:
        walk = Walk(client)
        begins = pages_of(role, installed.ids)
        assert len(begins) > 4
        walk.through([*begins, "/"])
    assert walk.wrong == []
    assert walk.heavy == []
    assert set(begins) <= walk.seen
    assert any(each.endswith("/js/house.js") for each in walk.loaded)


def test_what_a_walk_would_notice(installed: Installed) -> None:
    walk = Walk(installed.client(Role.OFFICER))
    with walk.client:
        walk.through(["/nowhere"])
        assert walk._load(f"/scans/{installed.ids['scan_id']}/picture.svg") > 1000
    assert walk.wrong == ["404 /nowhere"]
    page: Any = Links('<a href="/x">x</a><script src="/y.js"></script><link href="/z.css"><p hx-get="/now">')
    assert (page.leads, page.loads) == (["/x", "/now"], ["/y.js", "/z.css"])
