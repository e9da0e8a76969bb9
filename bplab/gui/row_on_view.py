"""Which row of the record tells of the network on view, for views that show numbers of the record beside it."""

from __future__ import annotations

import numpy as np

from .session import Session


def row_on_view(session: Session) -> int | None:
    """The newest row; while an earlier update is looked at, the row taken there. None where there is no such row."""
    record, past = session.record, session.past
    if record is None or not len(record):
        return None
    if past is None:
        return len(record) - 1 if session.run_is_on_view else None
    if session.draft is not None:
        return None
    steps = record.column("step")
    row = int(np.searchsorted(steps, past.updates))
    return row if row < len(steps) and steps[row] == past.updates else None
