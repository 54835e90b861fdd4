"""The face of credit: note what is held against somebody, repair it, ask what it bars."""

from bancheng.kernel.credit.operations import note, repair
from bancheng.kernel.credit.queries import View, barred, ever, marks_about, marks_of
from bancheng.kernel.credit.rules import LAWS, SAYS, Instrument, Kind

__all__ = ["LAWS", "SAYS", "Instrument", "Kind", "View", "barred", "ever", "marks_about", "marks_of", "note", "repair"]
