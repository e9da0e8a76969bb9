"""One training step of the same net in the packages that users would take instead, each in its plainest good form."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from .timing import TURN_SECONDS, medians, repeated

LARGE = 100
"""From so many inputs on, a net is what a user would make for pictures: ReLU, softmax, cross-entropy."""
RATE = 0.01


def torch_step(shape: tuple[int, ...], batch: int, dtype: str, threads: int) -> Callable[[], Any] | None:
    """PyTorch's eager step on one batch, or None without PyTorch."""
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(threads)
    large, kind = shape[0] >= LARGE, getattr(torch, dtype)
    modules: list[Any] = []
    for before, units in pairwise(shape):
        modules += [torch.nn.Linear(before, units, dtype=kind), torch.nn.ReLU() if large else torch.nn.Tanh()]
    model = torch.nn.Sequential(*(modules[:-1] if large else modules))
    x = torch.randn(batch, shape[0], dtype=kind)
    y = torch.randint(0, shape[-1], (batch,)) if large else torch.randn(batch, shape[-1], dtype=kind).sign()
    criterion = torch.nn.CrossEntropyLoss() if large else torch.nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)

    def step() -> None:
        optimizer.zero_grad()
        criterion(model(x), y).backward()
        optimizer.step()

    return step


def sklearn_step(shape: tuple[int, ...], batch: int, dtype: str, threads: int) -> Callable[[], Any] | None:
    """scikit-learn's ``partial_fit`` on one batch, or None without scikit-learn. Its output is linear or softmax."""
    try:
        from sklearn.neural_network import MLPClassifier, MLPRegressor
    except ImportError:
        return None
    random, large = np.random.default_rng(0), shape[0] >= LARGE
    x = random.standard_normal((batch, shape[0])).astype(dtype)
    options = {
        "hidden_layer_sizes": shape[1:-1],
        "activation": "relu" if large else "tanh",
        "solver": "sgd",
        "alpha": 0.0,
        "batch_size": batch,
        "learning_rate_init": RATE,
        "momentum": 0.0,
        "nesterovs_momentum": False,
        "random_state": 0,
    }
    if large:
        classes = np.arange(shape[-1])
        labels = np.resize(classes, batch)
        classifier = MLPClassifier(**options)
        return lambda: classifier.partial_fit(x, labels, classes=classes)
    targets = np.sign(random.standard_normal(batch)).astype(dtype)
    regressor = MLPRegressor(**options)
    return lambda: regressor.partial_fit(x, targets)


def jax_step(shape: tuple[int, ...], batch: int, dtype: str, threads: int) -> Callable[[], Any] | None:
    """JAX's compiled step on one batch, waited for, or None without JAX. JAX takes as many threads as it likes."""
    try:
        import jax  # type: ignore[import-not-found,unused-ignore]
        from jax import numpy as jnp
    except ImportError:
        return None
    jax.config.update("jax_enable_x64", True)
    large, random = shape[0] >= LARGE, np.random.default_rng(0)
    x = jnp.asarray(random.standard_normal((batch, shape[0])), dtype)
    classes = random.integers(0, shape[-1], batch) if large else random.integers(0, 2, (batch, shape[-1]))
    y = jnp.asarray(np.eye(shape[-1])[classes] if large else 2.0 * classes - 1.0, dtype)
    numbers = [
        (jnp.asarray(random.standard_normal((before, units)) / before**0.5, dtype), jnp.zeros(units, dtype))
        for before, units in pairwise(shape)
    ]

    def loss(numbers: Any) -> Any:
        a = x
        for weights, biases in numbers[:-1]:
            a = (jax.nn.relu if large else jnp.tanh)(a @ weights + biases)
        z = a @ numbers[-1][0] + numbers[-1][1]
        if large:
            return -jnp.mean(jnp.sum(y * jax.nn.log_softmax(z), axis=1))
        return 0.5 * jnp.mean(jnp.sum((jnp.tanh(z) - y) ** 2, axis=1))

    def updated(numbers: Any) -> Any:
        return jax.tree.map(lambda value, slope: value - RATE * slope, numbers, jax.grad(loss)(numbers))

    update, held = jax.jit(updated), [numbers]

    def step() -> None:
        held[0] = jax.block_until_ready(update(held[0]))

    return step


OTHERS = {"torch": torch_step, "jax": jax_step, "sklearn": sklearn_step}
"""Package → what makes its step, or None where it is missing."""


def measured_apart(
    name: str, shape: tuple[int, ...], batch: int, dtype: str, threads: int, repeats: int
) -> float | None:
    """µs of a package's step, measured in a process of its own; None where the package is missing."""
    if importlib.util.find_spec(name) is None:
        return None
    task = json.dumps([name, shape, batch, dtype, threads, repeats])
    environment = os.environ | {"OPENBLAS_NUM_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
    done = subprocess.run(
        [sys.executable, "-m", __name__, task], env=environment, stdout=subprocess.PIPE, encoding="utf-8", check=True
    )
    found: float | None = json.loads(done.stdout)
    return found


def _main(task: str) -> None:
    name, shape, batch, dtype, threads, repeats = json.loads(task)
    step = OTHERS[name](tuple(shape), batch, dtype, threads)
    us = medians({name: (repeated(step), 1)}, repeats, TURN_SECONDS)[name] if step is not None else None
    print(json.dumps(us))


if __name__ == "__main__":
    _main(sys.argv[1])
