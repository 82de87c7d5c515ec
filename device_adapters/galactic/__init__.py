"""The parts of a Galactic SPC file: header, codes, subfiles, log text."""
