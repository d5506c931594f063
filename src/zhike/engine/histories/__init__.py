"""What customers did, as arrays in which each one's facts stand together in order of day.

SQL groups and sorts the facts again for every question that needs another grain; here they are sorted once, and a reduction over
all customers is one pass of numpy. The questions are the Ibis expressions that Spark and DuckDB are asked as well.
"""

from zhike.engine.histories.columns import Array, Column, constant
from zhike.engine.histories.expressions import Fold, days
from zhike.engine.histories.history import History, ordered
from zhike.engine.histories.reading import Facts, Reader, Stretch, reader

__all__ = [
    "Array",
    "Column",
    "Facts",
    "Fold",
    "History",
    "Reader",
    "Stretch",
    "constant",
    "days",
    "ordered",
    "reader",
]
