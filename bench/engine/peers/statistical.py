"""Damped additive Holt-Winters by statsmodels, the peer of the statistical models.

Reads {"season": m, "horizon": h, "series": [[...], ...]} from stdin and writes
{"version": ..., "mean": [[...], ...], "cpuSeconds": ...} to stdout. One thread.
"""

import json
import os
import sys
import time
import warnings

os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np  # noqa: E402
import statsmodels  # noqa: E402
from statsmodels.tsa.holtwinters import ExponentialSmoothing  # noqa: E402

warnings.filterwarnings("ignore")
task = json.load(sys.stdin)
means = []
begin = time.process_time()
for row in task["series"]:
    model = ExponentialSmoothing(
        np.asarray(row, dtype=float),
        trend="add",
        damped_trend=True,
        seasonal="add",
        seasonal_periods=task["season"],
        initialization_method="estimated",
    )
    means.append(model.fit().forecast(task["horizon"]).tolist())
seconds = time.process_time() - begin
json.dump({"version": statsmodels.__version__, "mean": means, "cpuSeconds": seconds}, sys.stdout)
