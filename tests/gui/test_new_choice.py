"""A class of one's own is an activation everywhere: in the shell's lists, the inspector, the canvas menu and a run."""

import os
import subprocess
import sys
from pathlib import Path

import bplab

NEW_ACTIVATION = '''
import sys
import msgspec, numpy as np
from PySide6.QtWidgets import QApplication
from bplab.cli import main
from bplab.data import Circle
from bplab.engine import Activation, Dense, Tanh
from bplab.lab.experiment import Experiment, NetworkDesign, experiment_from_json, experiment_to_json
from bplab.lab.runner import train_to_end


class Cubic(Activation, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="cubic"):
    """a = z³, for a test.

    Use it to see an activation that explodes. Stalls around 0.
    """

    steepest = 3.0

    def forward(self, z, a):
        return [(np.power, (z, 3.0, a))]

    def derivative(self, z, a, slope):
        return [(np.square, (z, slope)), (np.multiply, (slope, 3.0, slope))]


assert main(["list", "activations"]) == 0
assert main(["list", "activations", "--markdown"]) == 0

experiment = Experiment(Circle(samples=40), NetworkDesign((Dense(3, Cubic()), Dense(1, Tanh()))))
experiment = experiment_from_json(experiment_to_json(experiment))
assert isinstance(experiment.network.layers[0].activation, Cubic)
assert train_to_end(experiment, 5).updates == 5

from bplab.gui.forms import explanation
from bplab.gui.app import make_window

app = QApplication([])
window = make_window()
window.session.open(experiment)
window.canvas.select_layer(0)
window.show()
app.processEvents()
from PySide6.QtWidgets import QComboBox
entries = [box.itemText(index) for box in window.findChildren(QComboBox) for index in range(box.count())]
assert "cubic" in entries, entries
assert "Stalls around 0." in explanation(Cubic)
print("found")
window.leave()
'''


def test_an_activation_of_ones_own_is_listed_edited_saved_and_trained(tmp_path: Path) -> None:
    root = str(Path(bplab.__file__).parents[1])
    environment = os.environ | {
        "PYTHONPATH": root,
        "PYTHONUTF8": "1",
        "QT_QPA_PLATFORM": "offscreen",
        "XDG_DATA_HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
        "LOCALAPPDATA": str(tmp_path),
        "APPDATA": str(tmp_path),
        "HOME": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", NEW_ACTIVATION],
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout.endswith("found\n")
    assert "\n  cubic " in done.stdout
    assert "\n| `cubic` | a = z³, for a test. |" in done.stdout
    assert "Use it to see an activation that explodes." in done.stdout
