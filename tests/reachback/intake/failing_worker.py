"""An identification process that does what the file's name says."""

from __future__ import annotations

import json
import os
import signal
import time
from multiprocessing.connection import Connection
from pathlib import Path


def work(pipe: Connection, library: str | None) -> None:
    if library == "broken":
        pipe.send_bytes(json.dumps({"failed": "this is no library"}).encode())
        return
    pipe.send_bytes(json.dumps({"ready": True}).encode())
    while True:
        try:
            request = json.loads(pipe.recv_bytes())
        except EOFError:
            return
        name, path = request["name"], Path(request["path"])
        if name == "slow":
            time.sleep(0.5)
        if name == "killer" or (name == "kills once" and not path.exists()):
            path.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        answer = {"results": [{"pid": os.getpid(), "name": name}], "refusals": [], "device": []}
        pipe.send_bytes(json.dumps(answer).encode())
