"""The cage holds: whatever a reader does, this process lives, the file gets a sentence, and the next one is read."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from device_adapters import AdapterError, MalformedFile, NotASpectrum, isolation
from device_adapters.isolation import Cage, close_cages, read_caged
from tests.device_adapters import made_binary_files
from tests.device_adapters.hostile_readers import behave

TARGET = f"{behave.__module__}:{behave.__name__}"
pytestmark = pytest.mark.skipif(os.name == "nt", reason="the readers send signals")


@pytest.fixture
def cage() -> Iterator[Cage]:
    made = Cage(TARGET, seconds=2.0, memory_bytes=400 << 20)
    yield made
    made.close()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]


def ask_pid(cage: Cage) -> int:
    return int(cage.read(b"pid", "")[0].title or 0)


def test_a_batch_pays_one_start(cage: Cage) -> None:
    titles = [cage.read(b"well", f"{i} ünï.spc")[0].title for i in range(100)]
    assert titles == [f"{i} ünï.spc" for i in range(100)]
    assert cage.n_starts == 1


def test_arrays_come_back_bit_for_bit(cage: Cage) -> None:
    (recording,) = cage.read(b"large", "a")
    assert np.array_equal(recording.x, 400.0 + np.arange(500_000))
    assert not recording.x.flags.writeable


@pytest.mark.parametrize(
    ("deed", "sentence"),
    [
        (b"loop", "takes longer than 2 s"),
        (b"sleep", "takes longer than 2 s"),
        (b"stop", "takes longer than 2 s"),
        (b"hoard", "takes more memory"),
        (b"die", "crashed on it (signal SIGKILL)"),
        (b"segfault", "crashed on it (signal SIGSEGV)"),
        (b"leave", "crashed on it (exit code 7)"),
        (b"garbage", "no sensible answer"),
        (b"half", "no sensible answer"),
        (b"lie", "no sensible answer"),
        (b"flood", "no sensible answer"),
        (b"nothing", "no sensible answer"),
        (b"nest", "nested without end"),
        (b"raise", "cannot follow it (KeyError: 'line one"),
    ],
    ids=lambda value: value.decode() if isinstance(value, bytes) else "",
)
def test_what_it_does_costs_one_file_and_one_start_at_most(cage: Cage, deed: bytes, sentence: str) -> None:
    cage.read(b"well", "before")
    began = time.monotonic()
    with pytest.raises(MalformedFile) as refusal:
        cage.read(deed, "a")
    assert time.monotonic() - began < 12.0
    assert sentence in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert "\x1b" not in str(refusal.value)
    assert len(str(refusal.value)) < 800
    assert cage.read(b"well", "after")[0].title == "after"
    assert cage.n_starts <= 2


def test_what_a_reader_prints_is_no_answer(cage: Cage) -> None:
    assert cage.read(b"print", "a")[0].title == "a"
    assert cage.n_starts == 1


def test_a_refusal_comes_through_and_keeps_the_child(cage: Cage) -> None:
    with pytest.raises(NotASpectrum, match="^it is none$"):
        cage.read(b"refuse", "a")
    cage.read(b"well", "a")
    assert cage.n_starts == 1


def test_no_file_no_network_no_process_and_no_secret(
    cage: Cage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("REACHBACK_SECRET", "x")
    monkeypatch.chdir(tmp_path)
    assert cage.read(b"what", "a")[0].title == "nothing"
    assert list(tmp_path.iterdir()) == []


def test_memory_is_bounded_as_asked() -> None:
    small = Cage(TARGET, memory_bytes=300 << 20)
    began = time.monotonic()
    with pytest.raises(MalformedFile, match="more memory"):
        small.read(b"hoard", "a")
    assert time.monotonic() - began < 10.0
    small.close()


def test_a_child_killed_from_outside_between_two_files(cage: Cage) -> None:
    os.kill(ask_pid(cage), signal.SIGKILL)
    time.sleep(0.1)
    with pytest.raises(MalformedFile, match="crashed"):
        cage.read(b"well", "a")
    assert cage.read(b"well", "b")[0].title == "b"


def test_a_large_file_to_a_child_that_does_not_listen(cage: Cage) -> None:
    os.kill(ask_pid(cage), signal.SIGSTOP)
    with pytest.raises(MalformedFile, match="longer than 2 s"):
        cage.read(bytes(8 << 20), "a")


def test_threads_take_turns(cage: Cage) -> None:
    with ThreadPoolExecutor(8) as pool:
        names = [f"{i}" for i in range(64)]
        assert [found[0].title for found in pool.map(lambda name: cage.read(b"well", name), names)] == names
    assert cage.n_starts == 1


def test_threads_beside_crashes(cage: Cage) -> None:
    def read(i: int) -> str | None:
        try:
            return cage.read(b"die" if i % 4 == 0 else b"well", str(i))[0].title
        except AdapterError:
            return None

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(read, range(16))) == [None if i % 4 == 0 else str(i) for i in range(16)]


def test_closing_leaves_no_process_behind(cage: Cage) -> None:
    pid = ask_pid(cage)
    assert is_alive(pid)
    cage.close()
    assert not is_alive(pid)
    assert cage.read(b"well", "again")[0].title == "again"


def test_a_reader_that_is_not_installed_is_named() -> None:
    missing = Cage("no_such_package_at_all:read")
    with pytest.raises(MalformedFile, match="cannot be loaded here: No module named 'no_such_package_at_all'"):
        missing.read(b"", "a")


def _title_in_worker(name: str) -> str | None:
    return read_caged(TARGET, b"well", name)[0].title


@pytest.mark.parametrize("method", ["spawn", "fork"])
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_workers_of_a_process_pool_have_their_own(method: str) -> None:
    """Those of ``multiprocessing.Pool`` are daemons, which may not have children by ``multiprocessing``."""
    before = read_caged(TARGET, b"pid", "")[0].title
    names = [str(i) for i in range(6)]
    with get_context(method).Pool(2) as pool:
        assert pool.map(_title_in_worker, names) == names
    with ProcessPoolExecutor(2, mp_context=get_context(method)) as executor:
        assert list(executor.map(_title_in_worker, names)) == names
    assert read_caged(TARGET, b"pid", "")[0].title == before, "the workers' ends disturbed the parent's child"


def test_one_cage_a_reader_is_kept_for_the_whole_process() -> None:
    first = read_caged(TARGET, b"pid", "")[0].title
    found: list[str | None] = []
    thread = threading.Thread(target=lambda: found.append(read_caged(TARGET, b"pid", "")[0].title))
    thread.start()
    thread.join()
    assert found == [first]
    close_cages()
    assert not is_alive(int(first or 0))
    assert isolation._cages == {}


PARENT = """
import sys, time
from device_adapters.isolation import read_caged
print(read_caged(sys.argv[1], b"pid", "")[0].title, flush=True)
if sys.argv[2] == "wait":
    read_caged(sys.argv[1], b"loop", "")
"""


@pytest.mark.parametrize("how", ["end", pytest.param("wait", marks=pytest.mark.slow)])
def test_no_child_outlives_its_parent(how: str, repository_root: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, TARGET, how], cwd=repository_root, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        if how == "wait":
            assert is_alive(pid)
            parent.kill()
        parent.wait(20)
    # A child that turns in circles ends by its limit of processor time, 12 s after its parent.
    limit = time.monotonic() + 25.0
    while is_alive(pid) and time.monotonic() < limit:
        time.sleep(0.1)
    assert not is_alive(pid)


@pytest.fixture
def repository_root() -> Path:
    return Path(__file__).resolve().parents[2]


LEAN = """
import sys, json
from device_adapters import read
formats = [read(bytes.fromhex(line), "a")[0].format for line in sys.stdin]
print(json.dumps([formats, sorted({name.split(".")[0] for name in sys.modules})]))
"""


def test_this_process_never_loads_the_readers_of_others(repository_root: Path) -> None:
    files = [made_binary_files.opus(), made_binary_files.wdf()]
    run = subprocess.run(
        [sys.executable, "-c", LEAN],
        input="\n".join(data.hex() for data in files),
        cwd=repository_root,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    formats, loaded = json.loads(run.stdout)
    assert formats == ["opus", "wdf"]
    assert {"brukeropus", "wdf", "h5py", "multiprocessing"} & set(loaded) == set()
