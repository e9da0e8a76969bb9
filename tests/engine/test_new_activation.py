"""An activation of one's own is met by the tests of all activations, without a word in any of them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import bplab

PLUGIN = '''
import math
import msgspec, numpy as np
from bplab.engine import Activation


class Arctan(Activation, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="arctan"):
    """a = arctan z. Saturates on both sides, slowly.

    Use it to see slow saturation. Stalls beyond |z| = 4.4.
    """

    low, high = -math.pi / 2, math.pi / 2

    def forward(self, z, a):
        return [(np.arctan, (z, a))]

    def derivative(self, z, a, slope):
        return [(np.square, (z, slope)), (np.add, (slope, 1.0, slope)), (np.LAST, (slope, slope))]
'''
TESTS = "test_activations.py", "test_choices.py", "test_gradients.py", "test_chain_rule.py", "test_mean_field.py"


def said_of(last: str, folder: Path) -> str:
    """What the tests say of it, its class being all that there is; ``last`` is the last call of its f'."""
    (folder / "own_activation.py").write_text(PLUGIN.replace("LAST", last), encoding="utf-8")
    root, here = Path(bplab.__file__).parents[1], Path(__file__).parent
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "own_activation", "-k", "arctan or Arctan"),
            *(str(here / name) for name in TESTS),
        ],
        cwd=root,
        env=os.environ | {"PYTHONPATH": os.pathsep.join((str(folder), str(root))), "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    return done.stdout


def test_the_tests_of_all_activations_find_one_of_ones_own_and_are_content_with_it(tmp_path: Path) -> None:
    said = said_of("reciprocal", tmp_path)
    assert "failed" not in said, said
    assert int(re.findall(r"(\d+) passed", said)[0]) >= 20


def test_they_find_what_is_wrong_with_it(tmp_path: Path) -> None:
    said = said_of("sqrt", tmp_path)
    assert re.search(r"FAILED .*test_activations\.py.*[Aa]rctan", said)
    assert re.search(r"FAILED .*test_gradients\.py.*[Aa]rctan", said)
