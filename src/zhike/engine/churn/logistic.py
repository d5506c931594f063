"""Logistic regression with a quadratic penalty and signs, by iteratively reweighted least squares.

Newton's method on the penalised log-likelihood, which is concave; each step is a least-squares problem with bounds, so that a
coefficient never takes a sign it must not have. P. McCullagh & J. A. Nelder, Generalized Linear Models (1989), 2.5;
A. E. Hoerl & R. W. Kennard, Technometrics 12(1), 1970, for the penalty; J. Platt, "Probabilistic Outputs for Support Vector
Machines" (1999), for calibration by a line on the logits.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import lsq_linear
from scipy.special import expit

Floats = NDArray[np.float64]
Happened = NDArray[np.bool_]
ROUNDS = 100
ARRIVED = 1e-8
REACH = 5.0  # the farthest a coefficient moves at once


def fit(x: Floats, happened: Happened, *, penalty: float, signs: Floats | None = None) -> Floats:
    """Intercept and coefficients, shape (k+1,), for x of shape (n, k); the intercept is not penalised.

    The penalty is half of `penalty` times the sum of squares (the reciprocal of scikit-learn's C). `signs`, shape (k,): 1 for
    coefficients that are not negative, −1 for those not positive, 0 for free ones.
    """
    design = np.column_stack([np.ones(len(x)), x])
    shrink = np.full(design.shape[1], penalty)
    shrink[0] = 1e-9
    bound = np.concatenate([[0.0], np.zeros(x.shape[1]) if signs is None else signs])
    beta = np.zeros(design.shape[1])
    for _ in range(ROUNDS):
        step = _newton(design, happened, beta, shrink, bound) - beta
        beta = beta + step * min(1.0, REACH / max(1e-300, float(np.abs(step).max())))
        if np.abs(step).max() < ARRIVED:
            break
    return np.asarray(np.where(beta * bound < 0, 0.0, beta))  # a hair beyond, by rounding


def logits(beta: Floats, x: Floats) -> Floats:
    """The logarithm of the odds, shape (n,)."""
    return np.asarray(beta[0] + x @ beta[1:])


def calibration(
    x: Floats, happened: Happened, *, penalty: float, signs: Floats | None = None, folds: int = 5
) -> Floats:
    """Intercept and slope that turn logits of rows not seen in fitting into calibrated ones.

    Rows are dealt to folds by a fixed shuffle, so that the same data give the same answer.
    """
    fold = np.random.default_rng(20051).permutation(len(x)) % folds
    unseen = np.empty(len(x))
    for held in range(folds):
        inside = fold != held
        beta = fit(x[inside], happened[inside], penalty=penalty, signs=signs)
        unseen[~inside] = logits(beta, x[~inside])
    return fit(unseen[:, None], happened, penalty=1e-6)


def _newton(design: Floats, happened: Happened, beta: Floats, shrink: Floats, signs: Floats) -> Floats:
    """Where the parabola through this point is highest within the bounds."""
    chance = expit(design @ beta)
    slope = design.T @ (happened - chance) - shrink * beta
    curvature = (design * (chance * (1 - chance))[:, None]).T @ design + np.diag(shrink)
    root = np.linalg.cholesky(curvature).T
    goal = root @ beta + np.linalg.solve(root.T, slope)
    if not signs.any():
        return np.asarray(np.linalg.solve(root, goal))
    lowest, highest = np.where(signs > 0, 0.0, -np.inf), np.where(signs < 0, 0.0, np.inf)
    return np.asarray(lsq_linear(root, goal, (lowest, highest), method="bvls", tol=1e-12).x)
