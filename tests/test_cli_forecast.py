"""``bplab forecast``: one object for programs, two tables for people, nothing trained."""

import json
from typing import Any

import pytest

from bplab.cli import main


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main(["forecast", *words, "--json"]) == 0
    said = capsys.readouterr()
    assert (said.out.count("\n"), said.err) == (1, "")
    found: dict[str, Any] = json.loads(said.out, parse_constant=pytest.fail)
    return found


def test_forecast_prints_exactly_the_documented_object(capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys, "dead-relu")
    assert list(found) == [
        "name", "samples", "draws", "born_dead", "layers", "chi", "depth_scale", "sentence",
    ]  # fmt: skip
    assert list(found["layers"][0]) == [
        "layer", "units", "activation", "rms", "activation_std", "saturation", "delta", "delta_ratio", "chi1",
        "depth_scale", "weight_spread", "bias_spread", "fixed_point", "born_dead", "note",
    ]  # fmt: skip
    assert [layer["layer"] for layer in found["layers"]] == [1, 2, 3, 4]
    for name in ("rms", "activation_std", "saturation", "delta", "delta_ratio", "chi1", "depth_scale"):
        assert list(found["layers"][0][name]) == ["low", "mean", "high", "expected", "median"]
    assert (found["chi"], found["depth_scale"]) == (1.0, None)  # ReLU and He: ξ is infinite
    assert "the first layer will learn" in found["sentence"]
    assert list(found["born_dead"]) == ["bound", "low", "share", "high"]
    assert list(found["layers"][0]["fixed_point"]) == ["mean_square", "chi1", "depth_scale"]
    last = found["layers"][-1]
    assert (last["delta_ratio"], last["chi1"], last["born_dead"]) == (None, None, None)


def test_what_is_infinite_is_null(capsys: pytest.CaptureFixture[str]) -> None:
    scale = printed(capsys, "dead-relu")["layers"][1]["depth_scale"]
    assert scale["high"] is None
    assert scale["low"] > 0


def test_settings_can_be_changed_for_a_forecast(capsys: pytest.CaptureFixture[str]) -> None:
    plain = printed(capsys, "circle")
    changed = printed(capsys, "circle", "--set", "network.layers[0].weights=orthogonal", "--set", "name=Mine")
    assert changed["name"] == "Mine"
    assert changed["layers"][0]["note"] == "orthogonal weights count as independent of each other"
    assert plain["layers"][0]["note"] == ""
    assert changed["layers"][0]["rms"]["expected"] != plain["layers"][0]["rms"]["expected"]


def test_people_get_two_tables(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forecast", "circle"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("A disc in a ring: circle, 2-4-2-1, before training\n")
    heads = [line.split()[0] for line in said.out.splitlines() if line.strip()]
    assert heads.count("layer") == 2
    assert said.err == ""


def test_an_experiment_that_is_not_there_is_refused_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forecast", "nothing"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("bplab: nothing: neither a file nor a built-in example")
    assert said.err.count("\n") == 1
