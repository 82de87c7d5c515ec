"""The service, and the command line, of field narcotics identification."""

__all__ = ["__version__"]

__version__ = "0.1.0"
