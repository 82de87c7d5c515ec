"""Axis checks against positions of a standard, shipped or a laboratory's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from library.fresh_checks import shipped_standards
from library.qc.axis_standards import AxisStandard, check_axis, read_standards
from library.qc.findings import Level
from spectra.reference import Grade, Reference
from spectra.spectrum import Technique
from tests.library.qc.made_references import RAMAN_AXIS, reference

POSITIONS = (500.0, 801.0, 1003.5, 1444.0, 2222.0)
TABLE = """##TITLE=made (standard)
##JCAMP-DX=5.01
##DATA TYPE=RAMAN PEAK TABLE
##DATA CLASS=PEAK TABLE
##CAS REGISTRY NO=50-36-2
##XUNITS=1/CM
##YUNITS=ARBITRARY UNITS
##XFACTOR=1
##YFACTOR=1
##NPOINTS=5
##PEAK TABLE=(XY..XY)
500.0, 20
801.0, 50
1003.5, 100
1444.0, 40
2222.0, 30
##END=
"""


def standard() -> AxisStandard:
    return AxisStandard("made", "50-36-2", Technique.RAMAN, np.array(POSITIONS))


def measured(shift: float, **more: Any) -> Reference:
    bands = sum(1.0 / (1.0 + ((RAMAN_AXIS - position - shift) / 5.0) ** 2) for position in POSITIONS)
    noise = np.random.default_rng(1).normal(0.0, 0.002, RAMAN_AXIS.size)
    return reference("rod", np.asarray(bands + noise), RAMAN_AXIS, Technique.RAMAN, **({"cas": "50-36-2"} | more))


@pytest.mark.parametrize(
    ("shift", "level"),
    [(0.0, Level.NOTE), (0.8, Level.NOTE), (2.5, Level.WARNING), (-2.5, Level.WARNING), (6.0, Level.FAILURE)],
)
def test_a_shifted_axis_is_found(shift: float, level: Level) -> None:
    (finding,) = check_axis(measured(shift), [standard()])
    assert finding.level is level
    assert finding.figures["shift_cm-1"] == pytest.approx(shift, abs=0.4)


def test_other_substances_techniques_and_tables_are_passed_over() -> None:
    assert list(check_axis(measured(6.0, cas="58-08-2"), [standard()])) == []
    assert list(check_axis(measured(6.0, grade=Grade.BAND_TABLE), [standard()])) == []
    infrared = AxisStandard("made", "50-36-2", Technique.FTIR, np.array(POSITIONS))
    assert list(check_axis(measured(6.0), [infrared])) == []


def test_a_laboratory_brings_its_own_standard(tmp_path: Path) -> None:
    (tmp_path / "rod.jdx").write_text(TABLE, encoding="utf-8")
    (tmp_path / "no.jdx").write_text("nothing", encoding="utf-8")
    (found,) = read_standards([tmp_path, tmp_path / "missing"])
    assert (found.name, found.cas, found.technique) == ("made", "50-36-2", Technique.RAMAN)
    assert found.positions.tolist() == list(POSITIONS)


def test_the_shipped_standards_are_found() -> None:
    numbers = {each.cas for each in shipped_standards()}
    assert {"9003-53-6", "110-82-7", "471-34-1", "7704-34-9"} <= numbers
    assert "9002-88-4" not in numbers  # polyethylene's table is none of a standard
