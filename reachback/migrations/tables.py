"""Every table there is: importing this module makes the metadata complete."""

from __future__ import annotations

import reachback.accounts.models
import reachback.adjudication.models
import reachback.audit.models
import reachback.cases.models
import reachback.curation.models
import reachback.intake.models
import reachback.library_work.models
import reachback.notify.models
import reachback.replies.models
import reachback.rescreening.models  # noqa: F401 – each import of this block is made for its tables
from reachback.db.base import Base

__all__ = ["METADATA"]

METADATA = Base.metadata
