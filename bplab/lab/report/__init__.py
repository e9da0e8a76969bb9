"""The report of a run: one self-contained HTML page that a reader without bplab can open, print and pass on.

A :class:`ReportSubject` is everything the page tells, taken from a runner, a live run or a saved run; then
:func:`write_report` draws it. Charts come from Matplotlib as inline SVG, words and tables from a Jinja template in
``resources/report``. Nothing here imports Matplotlib or Jinja until a page is made.
"""

from .subject import ReportSubject, subject_from, subject_of, subject_of_saved
from .write import report_page, write_report

__all__ = ["ReportSubject", "report_page", "subject_from", "subject_of", "subject_of_saved", "write_report"]
