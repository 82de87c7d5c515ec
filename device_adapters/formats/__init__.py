"""One file per device format; none knows another, and each offers a ``FORMAT`` to the registry."""
