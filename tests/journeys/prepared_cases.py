"""Twenty cases for somebody who did not prepare them: simulated scans whose truth is sealed until all are answered.

    python tests/journeys/prepared_cases.py FOLDER [SEED]

writes ``01.jdx`` … with ``forms.json`` (what an officer would say) and ``truth.json``, which whoever answers does not
open. Scans are mixed from the starter library's band tables by the judge's generator, which shares nothing with the
one that calibrates the library; substances that are said to be unknown get bands that no table holds.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from library.opening import open_library
from reachback.validation.samples import Part, Pure, mix, pure_from_compiled
from spectra.reference import ReferenceSet
from spectra.spectrum import Spectrum, Technique

__all__ = ["Prepared", "as_jcamp", "prepare_cases"]

CUTS = ("mannitol", "lactose", "caffeine", "paracetamol", "sucrose", "levamisole", "procaine")
DRUGS = ("cocaine", "heroin", "ketamine", "MDMA", "amphetamine", "methamphetamine", "alpha-PVP")
FENTANYLS = ("fentanyl", "acetylfentanyl", "butyrylfentanyl", "furanylfentanyl")
MATERIALS = ("polystyrene", "naphthalene", "cyclohexane", "benzonitrile")
_VARIATION = 0.02
F, R = Technique.FTIR, Technique.RAMAN


@dataclass(frozen=True, slots=True)
class Prepared:
    """A case: its scans (bytes of JCAMP files), the officer's form, and the truth."""

    scans: tuple[bytes, ...]
    form: dict[str, Any]
    truth: dict[str, Any]


class _Maker:
    """Draws cases from one seed."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.seed = seed
        self.sets = open_library(None).sets
        self.n_made = 0

    def pick(self, names: tuple[str, ...], technique: Technique, n: int = 1, but: tuple[str, ...] = ()) -> list[str]:
        """So many of these names that the library holds."""
        held = {entry.substance for entry in self.sets[technique].entries}
        free = [name for name in names if name in held and name not in but]
        return [free[i] for i in self.rng.choice(len(free), n, replace=False)]

    def scan(self, technique: Technique, shares: dict[str, float], noise: float = 0.0, title: str = "") -> bytes:
        """A scan of these shares of the signal."""
        self.n_made += 1
        references = self.sets[technique]
        parts = [Part(_pure(references, name), share) for name, share in shares.items()]
        made = mix(parts, technique, _VARIATION, (self.seed, self.n_made))
        assert made is not None, shares
        curve = made.intensity + self.rng.normal(0.0, noise * float(np.ptp(made.intensity)), made.n_points)
        return as_jcamp(made, curve, title)

    def with_strange_bands(self, technique: Technique, shares: dict[str, float], strength: float) -> bytes:
        """A scan of these, and of something that no table holds; its bands reach ``strength`` of the highest."""
        self.n_made += 1
        references = self.sets[technique]
        made = mix(
            [Part(_pure(references, n), s) for n, s in shares.items()], technique, _VARIATION, (self.seed, self.n_made)
        )
        assert made is not None
        top = float(np.ptp(made.intensity))
        curve = made.intensity.copy()
        low, high = (700.0, 1800.0) if technique is F else (300.0, 1700.0)
        for centre in self.rng.uniform(low, high, 9):
            width, height = self.rng.uniform(8, 22), self.rng.uniform(0.3, 1.0) * strength * top
            curve += height / (1 + ((made.axis - centre) / (width / 2)) ** 2)
        return as_jcamp(made, curve, "")

    def moved(self, technique: Technique, substance: str, cut: dict[str, float]) -> bytes:
        """An analogue: the bands of a substance, half of them moved as a changed group moves them."""
        self.n_made += 1
        references = self.sets[technique]
        pure = _pure(references, substance)
        bands = pure.bands.copy()
        for window in pure.windows[:: 2 if len(pure.windows) > 3 else 1]:
            shift = float(self.rng.choice([-1, 1]) * self.rng.uniform(9, 22))
            lifted = pure.bands * window
            bands += np.interp(pure.axis - shift, pure.axis, lifted) * self.rng.uniform(0.5, 1.3) - lifted
        changed = Pure(pure.entry, pure.points, pure.axis, bands, pure.baseline, pure.windows)
        whole = 1.0 - sum(cut.values())
        parts = [Part(changed, whole), *(Part(_pure(references, name), share) for name, share in cut.items())]
        made = mix(parts, technique, _VARIATION, (self.seed, self.n_made))
        assert made is not None
        return as_jcamp(made, made.intensity, "")


def _pure(references: ReferenceSet, name: str) -> Pure:
    row = next(row for row, entry in enumerate(references.entries) if entry.substance == name)
    made = pure_from_compiled(references, row)
    assert made is not None, name
    return made


def as_jcamp(spectrum: Spectrum, curve: np.ndarray[Any, np.dtype[np.float64]], title: str) -> bytes:
    """A small JCAMP-DX file of pairs; its title gives nothing away."""
    ftir = spectrum.technique is F
    scale = (0.8 if ftir else 20_000.0) / float(np.ptp(curve))
    values = (curve - curve.min()) * scale + (0.01 if ftir else 300.0)
    head = [
        ("TITLE", title or "sample"),
        ("JCAMP-DX", "5.01"),
        ("DATA TYPE", "INFRARED SPECTRUM" if ftir else "RAMAN SPECTRUM"),
        ("ORIGIN", "simulated, no measurement"),
        ("OWNER", "tests"),
        *([("SAMPLING PROCEDURE", "ATR")] if ftir else []),
        ("XUNITS", "1/CM"),
        ("YUNITS", "ABSORBANCE" if ftir else "COUNTS"),
        ("XFACTOR", "1"),
        ("YFACTOR", "1"),
        ("FIRSTX", f"{spectrum.axis[0]:.3f}"),
        ("LASTX", f"{spectrum.axis[-1]:.3f}"),
        ("NPOINTS", str(spectrum.n_points)),
        ("XYPOINTS", "(XY..XY)"),
    ]
    lines = [f"##{label}={value}" for label, value in head]
    lines += [f"{x:.3f}, {y:.6g}" for x, y in zip(spectrum.axis, values, strict=True)]
    return "\n".join([*lines, "##END=", ""]).encode("ascii")


def prepare_cases(seed: int) -> list[Prepared]:
    """Twenty cases in an order that gives nothing away; the same for the same seed."""
    maker = _Maker(seed)
    makers = [
        *[_match] * 3,
        *[_mixture] * 4,
        *[_trace] * 3,
        *[_look_alike] * 2,
        *[_noisy] * 2,
        _analogue,
        *[_partly_unknown] * 2,
        _strange,
        _clean_cut,
        _both_techniques,
    ]
    made = [make(maker) for make in makers]
    return [made[i] for i in maker.rng.permutation(len(made))]


def _form(maker: _Maker, **more: Any) -> dict[str, Any]:
    looks = ("white powder", "off-white crystals", "tan powder", "chunky powder", "pressed tablet")
    return {
        "appearance": str(maker.rng.choice(looks)),
        "place": str(maker.rng.choice(["parcel", "vehicle", "pocket"])),
        **more,
    }


def _truth(
    kind: str, names: list[str], *, unknown: bool = False, shares: dict[str, float] | None = None
) -> dict[str, Any]:
    return {"kind": kind, "named": names, "unknown_part": unknown, "shares": shares}


def _match(maker: _Maker) -> Prepared:
    name = maker.pick(DRUGS + CUTS, F)[0]
    return Prepared((maker.scan(F, {name: 1.0}),), _form(maker), _truth("match", [name]))


def _mixture(maker: _Maker) -> Prepared:
    n_cuts = int(maker.rng.integers(1, 4))
    names = [*maker.pick(DRUGS, F), *maker.pick(CUTS, F, n_cuts)]
    shares = 0.12 + (1 - 0.12 * len(names)) * maker.rng.dirichlet(np.ones(len(names)))
    mixed = dict(zip(names, shares.tolist(), strict=True))
    return Prepared((maker.scan(F, mixed),), _form(maker, suspicion=names[0]), _truth("mixture", names, shares=mixed))


def _trace(maker: _Maker) -> Prepared:
    drug, cut = maker.pick(FENTANYLS, F)[0], maker.pick(("mannitol", "lactose", "caffeine", "sucrose"), F)[0]
    share = float(maker.rng.choice([0.04, 0.07, 0.10]))
    mixed = {cut: 1 - share, drug: share}
    strips = [{"kind": "fentanyl", "result": "positive"}]
    return Prepared((maker.scan(F, mixed),), _form(maker, strips=strips), _truth("trace", [cut, drug], shares=mixed))


def _look_alike(maker: _Maker) -> Prepared:
    pair = [("acetylfentanyl", "butyrylfentanyl"), ("sucrose", "fructose"), ("amphetamine", "methamphetamine")]
    one, _other = pair[int(maker.rng.integers(len(pair)))]
    cut = maker.pick(("caffeine", "paracetamol"), F)[0]
    mixed = {one: 0.45, cut: 0.55}
    return Prepared((maker.scan(F, mixed),), _form(maker), _truth("look-alike", [one, cut], shares=mixed))


def _noisy(maker: _Maker) -> Prepared:
    name, noise = maker.pick(DRUGS, F)[0], float(maker.rng.choice([0.04, 0.12]))
    return Prepared((maker.scan(F, {name: 1.0}, noise),), _form(maker), _truth(f"noise {noise:.0%}", [name]))


def _analogue(maker: _Maker) -> Prepared:
    cut = {"mannitol": 0.3}
    scan = maker.moved(F, "fentanyl", cut)
    strips = [{"kind": "fentanyl", "result": "positive"}]
    return Prepared((scan,), _form(maker, strips=strips), _truth("analogue of fentanyl", ["mannitol"], unknown=True))


def _partly_unknown(maker: _Maker) -> Prepared:
    name = maker.pick(DRUGS + CUTS, F)[0]
    scan = maker.with_strange_bands(F, {name: 1.0}, 0.45)
    return Prepared((scan,), _form(maker), _truth("partly unknown", [name], unknown=True))


def _strange(maker: _Maker) -> Prepared:
    material = maker.pick(MATERIALS, R)[0]
    scan = maker.with_strange_bands(R, {material: 1.0}, 4.0)
    return Prepared((scan,), _form(maker), _truth("mostly unknown", [material], unknown=True))


def _clean_cut(maker: _Maker) -> Prepared:
    names = maker.pick(("mannitol", "lactose", "caffeine", "sucrose"), F, 2)
    strips = [{"kind": "fentanyl", "result": "negative"}]
    mixed = dict(zip(names, (0.6, 0.4), strict=True))
    return Prepared(
        (maker.scan(F, mixed),), _form(maker, strips=strips, suspicion="heroin"), _truth("clean cut", names)
    )


def _both_techniques(maker: _Maker) -> Prepared:
    powder, other = maker.pick(CUTS, F)[0], maker.pick(MATERIALS, R)[0]
    scans = (maker.scan(F, {powder: 1.0}), maker.scan(R, {other: 1.0}))
    return Prepared(scans, _form(maker), _truth("FTIR and Raman that contradict each other", [powder, other]))


def main(folder: Path, seed: int) -> None:
    """Write everything."""
    folder.mkdir(parents=True, exist_ok=True)
    cases = prepare_cases(seed)
    for number, case in enumerate(cases, 1):
        for letter, scan in zip("ab", case.scans, strict=False):
            (folder / f"{number:02}{letter}.jdx").write_bytes(scan)
    (folder / "forms.json").write_text(json.dumps([case.form for case in cases], indent=1))
    (folder / "truth.json").write_text(json.dumps([case.truth for case in cases], indent=1))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 7)
