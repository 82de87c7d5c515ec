"""House rules for modules: names, sizes, public faces, and what the core may import."""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

LONGEST_MODULE = 420
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
CORE_MAY_IMPORT = {"spectra", "numpy", "scipy", "pybaselines"}


def imported_roots(tree: ast.Module) -> Iterator[str]:
    """Names of the top-level packages a module imports, wherever in it the import stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.split(".")[0]


def public_names(tree: ast.Module) -> list[str] | None:
    """The literal ``__all__`` of a module, None where it has none."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets):
            return [str(name) for name in ast.literal_eval(node.value)]
    return None


def test_there_are_modules_to_look_at(modules: dict[str, Path]) -> None:
    assert {"spectra.spectrum", "device_adapters.recording", "reachback.__main__"} <= set(modules)


def test_the_core_imports_numbers_only(modules: dict[str, Path]) -> None:
    allowed = CORE_MAY_IMPORT | sys.stdlib_module_names
    strangers = {
        (name, root)
        for name, file in modules.items()
        if name.split(".")[0] == "spectra"
        for root in imported_roots(ast.parse(file.read_text(encoding="utf-8")))
        if root not in allowed
    }
    assert strangers == set()


def test_no_module_has_an_empty_name(modules: dict[str, Path]) -> None:
    assert [name for name in modules if EMPTY_NAMES & set(name.split("."))] == []


def test_no_module_is_named_like_the_standard_library(modules: dict[str, Path]) -> None:
    # A traceback or an import line that says `calendar` or `secrets` should leave no doubt whose it is.
    ours = (name for name in modules if not name.endswith("__main__"))
    assert [name for name in ours if name.split(".")[-1] in sys.stdlib_module_names] == []


def test_a_module_is_read_in_one_sitting(modules: dict[str, Path]) -> None:
    lengths = {name: len(file.read_text(encoding="utf-8").splitlines()) for name, file in modules.items()}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_MODULE} == {}


def test_every_module_says_what_it_is(modules: dict[str, Path]) -> None:
    silent = []
    for name, file in modules.items():
        tree = ast.parse(file.read_text(encoding="utf-8"))
        if tree.body and ast.get_docstring(tree) is None:
            silent.append(name)
    assert silent == []


def test_public_names_are_sorted_and_there(modules: dict[str, Path]) -> None:
    wrong = {}
    for name, file in modules.items():
        public = public_names(ast.parse(file.read_text(encoding="utf-8")))
        if public is None:
            continue
        module = importlib.import_module(name)
        missing = [each for each in public if not hasattr(module, each)]
        # As ruff sorts them: constants, then classes, then the rest.
        if missing or public != sorted(public, key=_as_ruff_sorts):
            wrong[name] = missing or public
    assert wrong == {}


def _as_ruff_sorts(name: str) -> tuple[int, str]:
    letters = name.strip("_")
    if letters.isupper() and len(letters) > 1:
        return (0, name)
    return (1 if letters[:1].isupper() else 2, name)


def test_no_exception_is_made_and_not_raised(modules: dict[str, Path]) -> None:
    # Seen in the field: a ValueError built and never raised, so the check it ends never fails.
    forgotten = []
    for name, file in modules.items():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                called = ast.unparse(node.value.func).split(".")[-1]
                if called.endswith(("Error", "Exception")) or called.startswith("Invalid"):
                    forgotten.append((name, node.lineno))
    assert forgotten == []


def test_values_are_frozen(modules: dict[str, Path]) -> None:
    # Device adapters are left out: what a parser has read so far is no value yet.
    thawed = [
        (name, node.name)
        for name, file in modules.items()
        if name.split(".")[0] != "device_adapters"
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
        for decorator in node.decorator_list
        if "dataclass" in ast.unparse(decorator) and "frozen=True" not in ast.unparse(decorator)
    ]
    assert thawed == []
