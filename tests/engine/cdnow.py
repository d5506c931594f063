"""The CDNOW log, which has no licence and is not shipped: read from a folder that ZHIKE_CDNOW names, or skipped.

Files as published with Fader, Hardie & Lee (2005): cdnow_customers_summary.csv (the 1/10 sample) and CDNOW_master.txt.gz.
"""

import gzip
import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(os.environ.get("ZHIKE_CDNOW") or "/nonexistent")
given = pytest.mark.skipif(not FOLDER.is_dir(), reason="ZHIKE_CDNOW names no folder")
START = date(1997, 1, 1)


def sample() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Frequency, recency and age in weeks of the 1/10 sample."""
    table = np.genfromtxt(FOLDER / "cdnow_customers_summary.csv", delimiter=",", names=True)
    return table["frequency"], table["recency"], table["T"]


def log() -> list[tuple[int, date, Decimal]]:
    """Customer, day and amount of every purchase of the whole log."""
    with gzip.open(FOLDER / "CDNOW_master.txt.gz", "rt") as file:
        rows = [line.split() for line in file][1:]
    return [
        (int(row[0]), date(int(row[1][:4]), int(row[1][4:6]), int(row[1][6:])), Decimal(row[3]))
        for row in rows
        if row
    ]
