"""XML as device software writes it, without document types and so without entities that grow."""

from __future__ import annotations

import io
import re

# Only text without any declaration reaches the parser, and without one there is no entity to expand.
from xml.etree import ElementTree as ET

from device_adapters.errors import MalformedFile

__all__ = ["ET", "parse_xml"]

_MAX_DEPTH = 100


def parse_xml(data: bytes) -> ET.Element:
    """The root element of an XML text.

    Raises
    ------
    MalformedFile
        It is no XML, breaks off, is nested too deeply, or declares a document type.
    """
    if re.search(rb"<!\s*(DOCTYPE|ENTITY)", data, re.IGNORECASE) or b"\x00" in data:
        raise MalformedFile("the XML declares a document type, which no device writes: export the scan again")
    depth = 0
    root: ET.Element | None = None
    try:
        for event, element in ET.iterparse(io.BytesIO(data), events=("start", "end")):  # noqa: S314 - no entities, see above
            depth += 1 if event == "start" else -1
            if depth > _MAX_DEPTH:
                raise MalformedFile("the XML is nested too deeply for a scan: export the scan again")
            root = element if root is None else root
    except (ET.ParseError, LookupError, ValueError) as error:
        line = getattr(error, "position", (0, 0))[0]
        raise MalformedFile(f"line {line}: the XML is broken or breaks off here: export the scan again") from error
    if root is None:
        raise MalformedFile("the XML holds no element: export the scan again")
    return root
