"""What can be wrong with a value handed to the matching core.

::

    SpectraError
    ├── InvalidSpectrum      the numbers are no spectrum (not finite, axis not monotonic, too short …)
    ├── InvalidReference     a reference or a set of references contradicts itself
    ├── NoOverlap            the scan and the references share too little of the axis
    └── InvalidRecipe        a preprocessing recipe names an unknown step or setting

Every message is one sentence that says what is wrong and where.
"""


class SpectraError(Exception):
    """Root of everything the matching core refuses."""


class InvalidSpectrum(SpectraError):
    """The numbers are no spectrum."""


class InvalidReference(SpectraError):
    """A reference, or a set of references, contradicts itself."""


class NoOverlap(SpectraError):
    """The scan and the references share too little of the axis."""


class InvalidRecipe(SpectraError):
    """A preprocessing recipe names an unknown step or setting."""
