"""Trends of many series at once: least squares, Theil-Sen slopes and Mann-Kendall tests, with gaps and autocorrelation.

Series stand as (time, series) with NaN for gaps. The loops are compiled by numba; each runs over a group of series in
the innermost loop, so that the processor computes several at once.
"""
