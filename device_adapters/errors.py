"""Why a file, or a recording in it, was refused.

::

    AdapterError
    ├── UnreadableFile         the bytes could not be read
    │   ├── EmptyFile          there are no bytes
    │   ├── FileTooLarge       more bytes than the limit
    │   ├── UnknownFormat      no reader knows these bytes; says what they look like and which export to make
    │   └── MalformedFile      a reader knows the format and found it broken; says where
    └── NotASpectrum           the recording was read, but is no Raman or IR spectrum to identify
        └── Unstated           something has to be stated by the user first (technique, laser, units)

Every message is one sentence that says what is wrong, where, and what to do.
"""


class AdapterError(Exception):
    """Root of everything the adapters refuse."""


class UnreadableFile(AdapterError):
    """The bytes could not be read."""


class EmptyFile(UnreadableFile):
    """There are no bytes in the file."""


class FileTooLarge(UnreadableFile):
    """The file holds more bytes than the limit."""


class UnknownFormat(UnreadableFile):
    """No reader knows these bytes."""


class MalformedFile(UnreadableFile):
    """The format is known, but the file breaks its rules."""


class NotASpectrum(AdapterError):
    """The recording was read, but it is no Raman or IR spectrum that can be identified."""


class Unstated(NotASpectrum):
    """The file does not say something that must be known; the user has to state it."""
