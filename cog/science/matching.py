"""Values of a grid against measurements at points: what a window of cells says, and statistics of the pairs.

Windows follow Bailey and Werdell 2006 (Remote Sens. Environ. 102, 12): enough of their cells have data, the values
beyond 1.5 standard deviations of the mean are left out, and the coefficient of variation of the others bounds how
uneven a window may be. Statistics of logarithms follow Seegers et al. 2018 (Opt. Express 26, 7404).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

Space = Literal["nearest", "bilinear", "median-3x3", "mean-3x3", "mean-5x5-filtered"]

REACH: Final[dict[Space, int]] = {
    "nearest": 0, "bilinear": 1, "median-3x3": 1, "mean-3x3": 1, "mean-5x5-filtered": 2,
}  # fmt: skip
"""Cells on each side of the middle one that a window holds."""
_FILTER: Final = 1.5
_MAD: Final = 1.4826
"""Standard deviations of a normal distribution in its median absolute deviation."""


def window_values(
    windows: Numbers, space: Space, places: tuple[Numbers, Numbers]
) -> tuple[Numbers, NDArray[np.int64], Numbers]:
    """The value of each window, the number of its cells with data, and the coefficient of variation.

    Args:
        windows: (point, row, column), NaN for no data, the cell that holds the point in the middle.
        space: How the value is made.
        places: (row, column) of each point within its middle cell, 0 to 1.
    """
    flat = windows.reshape(len(windows), -1)
    count = np.isfinite(flat).sum(axis=1)
    mean, spread = _moments(flat)
    middle = windows.shape[1] // 2
    if space == "nearest":
        return windows[:, middle, middle], count, np.full(len(windows), np.nan)
    if space == "bilinear":
        return _bilinear(windows, places), count, spread / np.abs(mean)
    if space == "median-3x3":
        ordered = np.sort(flat, axis=1)
        low, high = np.maximum((count - 1) // 2, 0), np.maximum(count // 2, 0)
        rows = np.arange(len(flat))
        value = (ordered[rows, np.minimum(low, 8)] + ordered[rows, np.minimum(high, 8)]) / 2
        return value, count, spread / np.abs(mean)
    if space == "mean-5x5-filtered":
        with np.errstate(invalid="ignore"):
            inliers = np.where(np.abs(flat - mean[:, np.newaxis]) <= _FILTER * spread[:, np.newaxis], flat, np.nan)
        inliers = np.where(spread[:, np.newaxis] > 0, inliers, flat)
        mean, spread = _moments(inliers)
    with np.errstate(invalid="ignore", divide="ignore"):
        return mean, count, spread / np.abs(mean)


def _moments(flat: Numbers) -> tuple[Numbers, Numbers]:
    """Mean and standard deviation (of the sample) of each row; NaN without values, 0 of a single one."""
    valid = np.isfinite(flat)
    count = valid.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(valid, flat, 0).sum(axis=1) / count
        squares = np.where(valid, (flat - mean[:, np.newaxis]) ** 2, 0).sum(axis=1)
    return mean, np.sqrt(squares / np.maximum(count - 1, 1))


def _bilinear(windows: Numbers, places: tuple[Numbers, Numbers]) -> Numbers:
    """Between the centres of four cells; without those that have no data."""
    total, weight = np.zeros(len(windows)), np.zeros(len(windows))
    rows = np.arange(len(windows))
    down, across = (place - 0.5 for place in places)
    for row in (0, 1):
        for column in (0, 1):
            share = np.abs(1 - row - np.abs(down)) * np.abs(1 - column - np.abs(across))
            at_row, at_column = 1 + row * np.sign(down).astype(int), 1 + column * np.sign(across).astype(int)
            values = windows[rows, at_row, at_column]
            there = np.isfinite(values)
            total += np.where(there, values * share, 0)
            weight += np.where(there, share, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(weight > 0, total / weight, np.nan)


def pair_statistics(
    truth: Numbers, estimate: Numbers, *, scale: Literal["linear", "log10"] = "linear"
) -> dict[str, float]:
    """Statistics of pairs, estimate against truth; of logarithms where the scale is `log10`.

    `bias`, `median_bias`, `mae`, `rmse` and `unbiased_rmse` are of estimate less truth; with `log10` of decimal
    logarithms, and `bias_ratio` and `mae_ratio` are 10 to their power. `slope` and `intercept` are of least squares,
    `rma_slope` and `rma_intercept` of the reduced major axis, for errors on both sides. `robust_sigma` is 1.4826 times
    the median absolute deviation of the differences.
    """
    if scale == "log10":
        positive = (truth > 0) & (estimate > 0)
        truth, estimate = np.log10(truth[positive]), np.log10(estimate[positive])
    if truth.size < 2:
        return {"n": truth.size}
    difference = estimate - truth
    bias, rmse = float(difference.mean()), float(np.sqrt((difference**2).mean()))
    spread = float(np.median(np.abs(difference - np.median(difference))))
    results = {
        "n": truth.size,
        "bias": bias,
        "median_bias": float(np.median(difference)),
        "rmse": rmse,
        "unbiased_rmse": float(difference.std()),
        "mae": float(np.abs(difference).mean()),
        "robust_sigma": _MAD * spread,
    }
    if truth.std() > 0 and estimate.std() > 0:
        r = float(np.corrcoef(truth, estimate)[0, 1])
        slope = r * float(estimate.std() / truth.std())
        axis = float(np.sign(r) * estimate.std() / truth.std())
        results |= {
            "r": r,
            "slope": slope,
            "intercept": float(estimate.mean() - slope * truth.mean()),
            "rma_slope": axis,
            "rma_intercept": float(estimate.mean() - axis * truth.mean()),
        }
    if scale == "log10":
        results |= {"bias_ratio": 10.0**bias, "mae_ratio": 10.0 ** results["mae"]}
    return results
