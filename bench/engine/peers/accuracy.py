"""LightGBM on the engine's own feature matrices, the peer of its accuracy on weekly sales.

Reads a task from stdin: matrices are files of 32-bit floats, column by column; a member without a power learns
log(1 + units) by squared loss. Writes three forecasts per number of trees, the mean over the Tweedie members, over those
of logarithms and of the two, as [{"trees": n, "losses": "tweedie" | "log" | "all", "mean": [...]}, ...] to stdout.
"""

import json
import sys

import lightgbm
import numpy as np


def matrix(part, features):
    return np.fromfile(part["file"], dtype=np.float32).reshape(features, part["rows"]).T


task = json.load(sys.stdin)
ahead = matrix(task["forecast"], task["features"])
found = {trees: {"tweedie": [], "log": []} for trees in task["trees"]}
for member in task["members"]:
    power = member["power"]
    loss = "log" if power is None else "tweedie"
    parameters = {
        "objective": "regression" if power is None else "tweedie",
        **({} if power is None else {"tweedie_variance_power": power}),
        "num_leaves": task["leaves"],
        "learning_rate": task["learningRate"],
        "max_bin": task["bins"],
        "lambda_l2": task["lambda"],
        "min_data_in_leaf": member["minRowsPerLeaf"],
        "feature_fraction": 0.4,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "seed": member["seed"],
        "num_threads": 2,
        "verbose": -1,
    }
    units = np.fromfile(member["target"], dtype=np.float32)
    rows = lightgbm.Dataset(
        matrix(member["matrix"], task["features"]),
        np.log1p(units) if power is None else units,
        params=parameters,
    )
    booster = lightgbm.train(parameters, rows, num_boost_round=max(task["trees"]))
    for trees, forecasts in found.items():
        score = booster.predict(ahead, num_iteration=trees)
        forecasts[loss].append(score)
answer = []
for trees, forecasts in found.items():
    means = {"tweedie": np.mean(forecasts["tweedie"], axis=0)}
    if forecasts["log"]:
        means["log"] = np.maximum(0, np.expm1(np.mean(forecasts["log"], axis=0)))
        means["all"] = (means["tweedie"] + means["log"]) / 2
    answer += [
        {"trees": trees, "losses": losses, "mean": np.round(mean, 5).tolist()}
        for losses, mean in means.items()
    ]
json.dump(answer, sys.stdout)
