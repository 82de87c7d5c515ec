"""Coverage-guided fuzzing of our own parsers: bytes in, recordings or a typed refusal out, never anything else.

    pip install atheris            # not part of the environment: it needs a compiler's runtime
    python scripts/fuzz_parsers.py [CORPUS…] [-max_total_time=60] [-max_len=20000]

The arguments are libFuzzer's; a corpus is a folder of real or made files to start from. Formats read in the cage are
left out: their readers are not ours, and run in another process.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

with atheris.instrument_imports(include=["device_adapters"]):
    from device_adapters.errors import AdapterError
    from device_adapters.format import Recognition
    from device_adapters.registry import BUILT_IN

HEAD_BYTES = 4096
CAGED = {"opus", "wdf", "nexus"}
PARSERS = [parser for parser in BUILT_IN if parser.name not in CAGED]


def read_one(data: bytes) -> None:
    """Give the bytes to every parser of ours that takes them for its own."""
    for parser in PARSERS:
        if parser.recognises(data[:HEAD_BYTES], "fuzzed") is Recognition.NO:
            continue
        try:
            parser.read(data, "fuzzed")
        except AdapterError:
            continue


def main() -> None:
    """Fuzz until libFuzzer ends."""
    atheris.Setup(sys.argv, read_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
