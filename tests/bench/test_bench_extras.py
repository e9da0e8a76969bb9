"""The bench of what layers have besides: one extra at a time, beside the plain step of the same turns."""

import pytest

from bplab.bench import engine, extras
from bplab.engine import BatchNorm, LayerNorm, RMSNorm
from bplab.lab.runner import Runner

NET = (12, 5, 4, 2), 6
PLAIN = engine.experiment_of(*NET, "float64")


def layers_with(extra):
    return extras.with_extra(PLAIN, extra).network.layers


@pytest.mark.parametrize("dtype", engine.DTYPES)
def test_every_extra_has_a_row_and_all_of_them_the_same_plain_step(dtype):
    rows = extras.measure_extras(*NET, dtype, 2, seconds=0.002)
    assert [row.extra for row in rows] == list(extras.EXTRAS)
    assert len({row.plain_us for row in rows}) == 1
    for row in rows:
        assert (row.shape, row.batch, row.dtype) == ("12-5-4-2", 6, dtype)
        assert min(row.plain_us, row.step_us) > 0
        assert row.cost == row.step_us / row.plain_us - 1.0


@pytest.mark.parametrize(
    ("extra", "kind"), [("batch_norm", BatchNorm), ("layer_norm", LayerNorm), ("rms_norm", RMSNorm)]
)
def test_a_normalization_stands_in_both_hidden_layers_and_not_at_the_output(extra, kind):
    assert [layer.normalization for layer in layers_with(extra)] == [kind(), kind(), None]


def test_dropout_stands_in_both_hidden_layers():
    assert [layer.dropout for layer in layers_with("dropout")] == [extras.RATE, extras.RATE, 0.0]


def test_the_skip_is_an_inner_one_with_a_projection():
    assert [layer.skip for layer in layers_with(extras.SKIP)] == [None, 1, None]
    places = extras.with_extra(PLAIN, extras.SKIP).places()
    assert [[part.name for part in place.parts] for place in places] == [
        ["matrix"],
        ["matrix", "projection"],
        ["matrix"],
    ]


@pytest.mark.parametrize("extra", extras.EXTRAS)
def test_an_extra_is_all_that_differs_from_the_plain_experiment_and_it_trains(extra):
    other = extras.with_extra(PLAIN, extra)
    assert (other.data, other.training) == (PLAIN.data, PLAIN.training)
    runner = Runner(other)
    before = runner.network.parameters.copy()
    runner.trainer.step()
    assert (runner.network.parameters != before).any()


def test_the_table_has_a_line_for_each_row_and_its_cost_in_percent():
    row = extras.ExtraRow("rms_norm", "12-5-4-2", 6, "float32", 100.0, 112.0, 0.12)
    lines = extras.extras_as_text([row]).splitlines()
    assert lines[0].split() == ["extra", "net", "batch", "dtype", "plain", "µs", "with", "it", "µs", "cost"]
    assert lines[1].split() == ["RMS", "norm", "12-5-4-2", "6", "float32", "100", "112", "+12", "%"]
    assert "40 %" in lines[-1]
