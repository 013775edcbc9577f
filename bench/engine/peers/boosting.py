"""LightGBM on the columns another process has written: trains or predicts with one thread, answers in JSON.

One argument, a JSON object: folder (of <name>.f32 files, columns one after the other), rows, testRows, categorical
(column numbers), loss, parameter, trees, lambda.
"""

import json
import sys
import time

import lightgbm as lgb
import numpy as np

task = json.loads(sys.argv[1])


def columns(name, rows):
    flat = np.fromfile(f"{task['folder']}/{name}.f32", dtype=np.float32)
    return np.ascontiguousarray(flat.reshape(-1, rows).T)


objective = {
    "squared": {"objective": "regression"},
    "pinball": {"objective": "quantile", "alpha": task["parameter"]},
    "poisson": {"objective": "poisson"},
    "tweedie": {"objective": "tweedie", "tweedie_variance_power": task["parameter"]},
}[task["loss"]]
params = dict(
    objective,
    num_leaves=31,
    learning_rate=0.1,
    max_bin=255,
    min_data_in_leaf=20,
    lambda_l2=task["lambda"],
    # The quicker of both layouts for data as dense as these.
    force_row_wise=True,
    num_threads=1,
    verbose=-1,
)
x, y = columns("train", task["rows"]), columns("target", task["rows"])[:, 0]
data = lgb.Dataset(x, y, params=params, categorical_feature=task["categorical"] or "auto")
data.construct()
booster = lgb.Booster(params, data)
start = time.process_time()
for _ in range(task["trees"]):
    booster.update()
seconds = time.process_time() - start
test, actual = columns("test", task["testRows"]), columns("actual", task["testRows"])[:, 0].astype(float)
start = time.process_time()
predicted = booster.predict(test, num_threads=1)
predictSeconds = time.process_time() - start
p = task["parameter"]
metric = {
    "squared": lambda f: np.mean((actual - f) ** 2),
    "pinball": lambda f: np.mean(np.maximum(p * (actual - f), (p - 1) * (actual - f))),
    "poisson": lambda f: np.mean(f - actual * np.log(f)),
    "tweedie": lambda f: np.mean(f ** (2 - p) / (2 - p) - actual * f ** (1 - p) / (1 - p)),
}[task["loss"]](predicted)
print(json.dumps({"seconds": seconds, "predictSeconds": predictSeconds, "metric": float(metric)}))
