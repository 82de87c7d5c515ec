"""Who looks at the library, and who changes it: the rights that all routes to it state."""
# No postponed annotations here: the framework reads these as they stand.

from typing import Annotated

from fastapi import Depends

from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.accounts.routes_rights import allow

__all__ = ["LIBRARY_STAFF", "Librarian", "LibraryStaff"]

LIBRARY_STAFF = Depends(allow(Role.CHEMIST, Role.LIBRARIAN, Role.SUPERVISOR, Role.AUDITOR, Role.ADMIN))
LibraryStaff = Annotated[Principal, LIBRARY_STAFF]
Librarian = Annotated[Principal, Depends(allow(Role.LIBRARIAN))]
