"""Dependencies point one way, and identifying a scan starts no web."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

NOT_FOR_IDENTIFY = (
    *("alembic", "cryptography", "fastapi", "httpx", "jinja2", "matplotlib", "pydantic_settings"),
    *("reportlab", "sqlalchemy", "starlette", "structlog", "uvicorn"),
    *("brukeropus", "h5py", "wdf"),  # readers of others live in the cage
)

IDENTIFY = """
import sys
from reachback.__main__ import main
sys.argv = ["reachback", *sys.argv[1:]]
try:
    main()
except SystemExit as end:
    code = end.code
else:
    code = 0
loaded = sorted({name.split(".")[0] for name in sys.modules})
sys.stderr.write("\\n" + __import__("json").dumps({"code": code or 0, "loaded": loaded}))
"""


def test_import_contracts_hold(repository: Path) -> None:
    checked = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"],
        cwd=repository,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "0 broken" in checked.stdout


def test_identify_loads_no_web_and_draws_nothing(repository: Path) -> None:
    scan = min((repository / "reference_spectra" / "examples").glob("*.jdx"))
    run = subprocess.run(
        [sys.executable, "-c", IDENTIFY, "identify", str(scan), "--json"],
        cwd=repository,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    end = json.loads(run.stderr.splitlines()[-1])
    assert end["code"] == 0, run.stderr
    assert json.loads(run.stdout)["schema"] == "reachback.identification/1"
    assert {"numpy", "spectra"} <= set(end["loaded"])
    assert set(end["loaded"]) & set(NOT_FOR_IDENTIFY) == set()
