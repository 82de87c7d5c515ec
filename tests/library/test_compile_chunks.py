from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from library.compile_chunks import in_processes

ENDLESS = """
import os, sys, time
from pathlib import Path
from library.compile_chunks import in_processes
from tests.library.test_compile_chunks import note_and_wait
if __name__ == "__main__":
    for _ in in_processes(note_and_wait, iter([sys.argv[1]] * 4), 2):
        pass
"""


def double(number: int) -> int:
    return 2 * number


def note_and_wait(folder: str) -> None:
    (Path(folder) / str(os.getpid())).touch()
    time.sleep(600)


def test_results_come_in_the_order_of_the_items() -> None:
    assert list(in_processes(double, iter(range(9)), 2)) == [2 * number for number in range(9)]


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"


def test_the_processes_end_with_one_that_was_killed(tmp_path: Path) -> None:
    script, notes = tmp_path / "endless.py", tmp_path / "notes"
    notes.mkdir()
    script.write_text(ENDLESS, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, str(script), str(notes)], env=environment) as process:
        for _ in range(600):
            if len(list(notes.iterdir())) == 2:
                break
            time.sleep(0.1)
        process.send_signal(signal.SIGKILL)
    started = [int(path.name) for path in notes.iterdir()]
    assert len(started) == 2
    for _ in range(100):
        if not any(is_alive(each) for each in started):
            break
        time.sleep(0.1)
    assert not any(is_alive(each) for each in started)
