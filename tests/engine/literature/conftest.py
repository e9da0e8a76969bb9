"""One BLAS thread: the figures are then the same on every machine, and small products do not wait for each other."""

from collections.abc import Iterator

import pytest

from bplab.lab.blas import limited_blas


@pytest.fixture(autouse=True, scope="package")
def one_blas_thread() -> Iterator[None]:
    with limited_blas(1):
        yield
