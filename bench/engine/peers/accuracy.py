"""LightGBM on the engine's own feature matrices, the peer of its accuracy on weekly sales.

Reads a task from stdin: matrices are files of 32-bit floats, column by column. Writes one forecast per number of trees,
the mean over the members, as [{"trees": n, "mean": [...]}, ...] to stdout.
"""

import json
import sys

import lightgbm
import numpy as np


def matrix(part, features):
    return np.fromfile(part["file"], dtype=np.float32).reshape(features, part["rows"]).T


task = json.load(sys.stdin)
ahead = matrix(task["forecast"], task["features"])
sums = [np.zeros(len(ahead)) for _ in task["trees"]]
for member in task["members"]:
    parameters = {
        "objective": "tweedie",
        "tweedie_variance_power": member["power"],
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
    rows = lightgbm.Dataset(
        matrix(member["matrix"], task["features"]),
        np.fromfile(member["target"], dtype=np.float32),
        params=parameters,
    )
    booster = lightgbm.train(parameters, rows, num_boost_round=max(task["trees"]))
    for total, trees in zip(sums, task["trees"]):
        total += booster.predict(ahead, num_iteration=trees)
count = len(task["members"])
answer = [
    {"trees": trees, "mean": np.round(total / count, 5).tolist()}
    for trees, total in zip(task["trees"], sums)
]
json.dump(answer, sys.stdout)
