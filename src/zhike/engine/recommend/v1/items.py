"""Which items go together: BM25-weighted cosine-like similarity for any catalogue, EASE for one of up to 5,000 items.

EASE: H. Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019: the ridge regression of every item on all
others, in closed form from the inverse of the Gram matrix. BM25: S. Robertson & H. Zaragoza, "The Probabilistic Relevance
Framework: BM25 and Beyond" (2009), with customers as documents and items as terms. Neither ranks by raw lift, which puts
the rarest coincidences first.
"""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from zhike.engine.cores import on_one_core

Floats = NDArray[np.float32]
Weights = Floats | sparse.csr_array
LARGEST = 5_000  # items of an EASE: its matrix is items × items, 100 MB at this size
NEIGHBOURS = 100
SATURATION, LENGTH = 1.2, 0.75  # k1 and b of BM25


class TooManyItems(ValueError):
    """EASE was asked for more items than fit into memory."""


def popularity(bought: sparse.csr_array) -> Floats:
    """Which share of the customers bought each item; shape (m,)."""
    share = np.asarray(bought.sum(axis=0)).ravel() / max(1, bought.shape[0])
    return share.astype(np.float32)


@on_one_core
def ease(bought: sparse.csr_array, penalty: float) -> Floats:
    """Weights of shape (m, m) from the items bought (rows) to the items recommended (columns); the diagonal is 0."""
    size = bought.shape[1]
    if size > LARGEST:
        raise TooManyItems(f"{size} items; EASE holds up to {LARGEST}")
    gram = np.asarray((bought.T @ bought).toarray(), dtype=np.float32)
    gram[np.diag_indices(size)] += np.float32(penalty)
    factor, _ = linalg.lapack.spotrf(gram, lower=1, overwrite_a=1)
    inverse, _ = linalg.lapack.spotri(factor, lower=1, overwrite_c=1)
    inverse = np.tril(inverse) + np.tril(inverse, -1).T
    weights = inverse / -np.diag(inverse)
    weights[np.diag_indices(size)] = 0
    return np.asarray(weights, dtype=np.float32)


def bm25(bought: sparse.csr_array, neighbours: int = NEIGHBOURS) -> sparse.csr_array:
    """Sparse weights of shape (m, m): the nearest neighbours of each item, the largest weight of all being 1.

    A customer who buys everything says little about what goes together: long baskets count less, by BM25's length norm.
    """
    size = np.asarray(bought.sum(axis=1)).ravel()
    sold = np.asarray(bought.sum(axis=0)).ravel()
    length = 1 - LENGTH + LENGTH * size / max(1.0, float(size.mean())) if len(size) else size
    row = np.repeat(np.arange(bought.shape[0]), np.diff(bought.indptr))
    value = (SATURATION + 1) / (SATURATION * length[row] + 1)
    rarity = np.log1p((bought.shape[0] - sold + 0.5) / (sold + 0.5))
    weighted = sparse.csr_array(
        ((value * rarity[bought.indices]).astype(np.float32), bought.indices, bought.indptr),
        shape=bought.shape,
    )
    return _nearest(weighted, neighbours)


def _nearest(weighted: sparse.csr_array, neighbours: int) -> sparse.csr_array:
    """Products of columns, some hundred columns at a time; only the largest of each row are kept."""
    columns = weighted.T.tocsr()
    size, step = columns.shape[0], 512
    found = []
    for start in range(0, size, step):
        near = (columns[start : start + step] @ weighted).tocsr()
        itself = np.repeat(np.arange(near.shape[0]), np.diff(near.indptr)) + start == near.indices
        near.data[itself] = 0
        found.append(_largest(near, neighbours))
    none = sparse.csr_array((0, size), dtype=np.float32)
    every = cast("sparse.csr_array", sparse.vstack([*found, none], format="csr"))
    top = every.data.max(initial=0)
    every.data = (every.data / top if top else every.data).astype(np.float32)
    every.eliminate_zeros()
    return every


def _largest(rows: sparse.csr_array, most: int) -> sparse.csr_array:
    """Only the `most` largest values of each row."""
    kept = np.ones(rows.nnz, dtype=bool)
    for row in np.flatnonzero(np.diff(rows.indptr) > most):
        low, high = rows.indptr[row], rows.indptr[row + 1]
        small = np.argpartition(rows.data[low:high], high - low - most)[: high - low - most]
        kept[low + small] = False
    rows.data = np.where(kept, rows.data, 0)
    rows.eliminate_zeros()
    return rows
