"""Choices: one class is all it takes, and what JSON says wrongly is answered with its path."""

import math
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bplab
from bplab.engine import (
    ELU,
    SGD,
    Activation,
    Adam,
    Dense,
    Initializer,
    InputError,
    LeakyReLU,
    Loss,
    Momentum,
    Normalization,
    Optimizer,
    Schedule,
)
from bplab.engine.choices import from_builtins, from_json, readable, to_builtins, to_json, type_name

FAMILIES = [Activation, Initializer, Loss, Normalization, Optimizer, Schedule]
MEMBERS = [pytest.param(family, kind, id=name) for family in FAMILIES for name, kind in family.members().items()]


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    layers: tuple[Dense, ...]
    optimizer: Optimizer = SGD()


def test_the_families_hold_what_the_lab_offers():
    assert {family.family: sorted(family.members()) for family in FAMILIES} == {
        "activation": [
            "celu", "elu", "gaussian", "gelu", "gelu_tanh", "hard_sigmoid", "hard_tanh", "identity", "leaky_relu",
            "mish", "prelu", "relu", "relu6", "selu", "sigmoid", "silu", "sine", "softmax", "softplus", "softsign",
            "tanh",
        ],
        "initialization": [
            "constant", "glorot_normal", "glorot_uniform", "he_normal", "he_uniform", "identity", "kumar",
            "lecun_normal", "lecun_uniform", "lsuv", "mean_field", "normal", "orthogonal", "own_values", "sparse",
            "standard", "truncated_normal", "uniform", "zeros",
        ],
        "loss": [
            "binary_cross_entropy", "cross_entropy", "half_squared_error", "hinge", "huber", "log_cosh",
            "mean_absolute_error", "mean_squared_error",
        ],
        "normalization": ["batch_norm", "layer_norm", "rms_norm"],
        "optimizer": [
            "adadelta", "adagrad", "adam", "adamw", "lion", "momentum", "nadam", "rmsprop", "sgd",
        ],
        "schedule": ["constant", "cosine", "exponential", "one_cycle", "reduce_on_plateau", "step"],
    }  # fmt: skip


@pytest.mark.parametrize(("family", "kind"), MEMBERS)
def test_a_choice_goes_through_json_and_back(family, kind):
    value = kind()
    assert to_builtins(value)["type"] == type_name(kind)
    assert from_json(to_json(value), family) == value
    assert from_builtins(to_builtins(value), family) == value
    assert family.members()[type_name(kind)] is kind


@pytest.mark.parametrize(("family", "kind"), MEMBERS)
def test_a_choice_is_frozen_hashable_and_says_what_it_is(family, kind):
    value = kind()
    assert hash(value) == hash(kind())
    with pytest.raises(AttributeError):
        value.anything = 1
    assert kind.title()
    assert kind.summary().endswith(".")
    assert 25 < len(kind.summary()) <= 120
    assert kind.summary() != family.summary()
    for field in msgspec.structs.fields(kind):
        assert field.name.isidentifier()
        assert field.default is not msgspec.NODEFAULT


@pytest.mark.parametrize(("family", "kind"), MEMBERS)
def test_an_unknown_key_is_refused_by_name(family, kind):
    with pytest.raises(InputError, match=r"object contains unknown field colour"):
        from_builtins({"type": type_name(kind), "colour": 1}, family)


def layers(activation, **rest):
    return {"layers": [{"units": 3, "activation": {"type": "tanh"}}, {"units": 2, "activation": activation, **rest}]}


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (
            layers({"type": "warp"}),
            "layers[1].activation.type: there is no activation of type 'warp'; known are celu, ",
        ),
        (layers({}), "layers[1].activation: object missing required field type"),
        (layers("tanh"), "layers[1].activation: expected object with a type, got str"),
        (layers(["tanh"]), "layers[1].activation: expected object with a type, got array"),
        (layers(None), "layers[1].activation: expected object with a type, got null"),
        (layers(7), "layers[1].activation: expected object with a type, got int"),
        (layers(0.5), "layers[1].activation: expected object with a type, got float"),
        (layers(True), "layers[1].activation: expected object with a type, got bool"),
        (layers({"type": ["tanh"]}), "layers[1].activation.type: expected str, got array"),
        (layers({"type": {}}), "layers[1].activation.type: expected str, got object"),
        (layers({"type": "elu", "alpha": -1}), "layers[1].activation.alpha: expected float > 0.0"),
        (layers({"type": "elu", "alpha": "big"}), "layers[1].activation.alpha: expected float, got str"),
        (layers({"type": "elu", "beta": 1}), "layers[1].activation: object contains unknown field beta"),
        (layers({"type": "tanh"}, units=0), "layers[1].units: expected int ≥ 1"),
        (layers({"type": "tanh"}, units=10**9), "layers[1].units: expected int ≤ 65536"),
        (layers({"type": "tanh"}, units=2.5), "layers[1].units: expected int, got float"),
        (layers({"type": "tanh"}, width=2), "layers[1]: object contains unknown field width"),
        (
            layers({"type": "tanh"}, weights={"type": "uniform", "low": 1}),
            "layers[1].weights: the lower bound 1 is above",
        ),
        (layers({"type": "tanh"}, biases={"type": "orthogonal"}), "layers[1]: biases cannot be drawn orthogonal"),
        ({"layers": 3}, "layers: expected array, got int"),
        ({}, "object missing required field layers"),
        (
            {"layers": [], "optimizer": {"type": "sgd", "learning_rate": -1}},
            "optimizer.learning_rate: expected float ≥ 0.0",
        ),
        ({"layers": [], "extra": 1}, "object contains unknown field extra"),
    ],
)
def test_a_message_gives_the_path_first(value, sentence):
    with pytest.raises(InputError) as caught:
        from_builtins(value, Plan)
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[1, 2", '{"layers": NaN}', b"\xff\xfe", "{'a': 1}", '{"a": 1} x'])
def test_what_is_no_json_is_called_so(text):
    with pytest.raises(InputError, match=r"^this is not valid JSON: "):
        from_json(text, Plan)


def test_a_plain_message_is_left_as_it_is():
    assert readable("the file is empty") == "the file is empty"


@given(st.floats(0, 1), st.floats(0, 1, exclude_max=True), st.booleans(), st.floats(1e-6, 10.0))
def test_parameters_come_back_to_the_bit(slope, momentum, nesterov, alpha):
    plan = Plan((Dense(1, LeakyReLU(slope)), Dense(2, ELU(alpha))), Momentum(slope, momentum, nesterov))
    assert from_json(to_json(plan), Plan) == plan
    assert from_json(to_json(plan, indent=None), Plan) == plan


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["type", "units", "layers"]), inner),
    max_leaves=6,
)


@settings(max_examples=60)
@given(ANY_JSON)
def test_whatever_else_json_may_hold_is_refused_in_one_printable_sentence(value):
    for kind in (Dense, Activation, Optimizer):
        with pytest.raises(InputError) as caught:
            from_builtins(value, kind)
        assert str(caught.value).isprintable()


def test_control_codes_in_a_key_do_not_reach_the_terminal():
    with pytest.raises(InputError, match=r"object contains unknown field �\[2J�red$"):
        from_json(r'{"type": "sgd", "\u001b[2J\nred": 1}', Optimizer)


def test_the_default_of_a_parameter_need_not_be_written():
    assert from_builtins({"type": "adam"}, Optimizer) == Adam()
    assert math.isclose(from_builtins({"type": "adam", "beta1": 0.5}, Optimizer).beta1, 0.5)


@pytest.mark.parametrize("kind", Activation.members().values())
def test_every_activation_says_in_one_line_when_to_use_it_and_how_it_stalls(kind):
    assert kind.hint().startswith("Use it ")
    assert "stall" in kind.hint().lower()
    assert kind.hint().endswith(".")
    assert "\n" not in kind.hint()
    assert len(kind.hint()) <= 125


def test_a_hint_is_the_docstrings_second_paragraph_and_may_be_missing():
    class Told(Activation):
        """What it is.

        Use it
        here.

        And more.
        """

    class Silent(Activation):
        """What it is."""

    assert (Told.summary(), Told.hint()) == ("What it is.", "Use it here.")
    assert (Silent.summary(), Silent.hint()) == ("What it is.", "")


NEW_ACTIVATION = '''
import msgspec, numpy as np
from typing import Annotated
from msgspec import Meta
from bplab.engine import Activation, Dense, HalfSquaredError, InputError, Network, SGD, Tanh, check_gradients, train
from bplab.engine.choices import from_json, to_json


class Bent(Activation, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="bent_identity"):
    """a = z + bend·(√(z²+1) − 1)/2."""

    bend: Annotated[float, Meta(ge=0.0, le=1.0)] = 1.0
    steepest = 1.5

    def forward(self, z, a):
        return [(np.copyto, (a, z)), (self.add_bend, (z, a))]

    def add_bend(self, z, a):
        a += self.bend * (np.sqrt(z * z + 1) - 1) / 2

    def derivative(self, z, a, slope):
        return [(self.write_slope, (z, slope))]

    def write_slope(self, z, slope):
        slope[...] = 1 + self.bend * z / (2 * np.sqrt(z * z + 1))


assert "bent_identity" in Activation.members()
assert Bent.title() == "bent identity"
layer = from_json('{"units": 3, "activation": {"type": "bent_identity", "bend": 0.5}}', Dense)
assert layer == Dense(3, Bent(0.5)) == from_json(to_json(layer), Dense)
try:
    from_json('{"units": 3, "activation": {"type": "bent_identity", "bend": 2}}', Dense)
except InputError as error:
    assert str(error) == "activation.bend: expected float ≤ 1.0", error
else:
    raise AssertionError("a bend of 2 was taken")
try:
    from_json('{"units": 3, "activation": {"type": "bend"}}', Dense)
except InputError as error:
    assert "bent_identity" in str(error)
net = Network(2, [layer, Dense(1, Tanh())], HalfSquaredError())
x = np.random.default_rng(0).normal(size=(20, 2))
assert check_gradients(net, x, np.sin(x[:, :1])).verdict == "good"
losses = [step.loss for step in train(net, x, np.sin(x[:, :1]), SGD(0.1), batch_size=20, epochs=200)]
assert losses[-1] < 0.2 * losses[0]
print("found")
'''


def test_a_new_activation_is_one_class():
    # In a process of its own, so that the tests that go through all activations never see it.
    root = str(Path(bplab.__file__).parents[1])
    environment = os.environ | {"PYTHONPATH": root, "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", NEW_ACTIVATION],
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "found\n", "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"units": 1,\n "units": 2}', "this is not valid JSON: the key 'units' stands twice in one object"),
        ('{"units": NaN}', "this is not valid JSON: NaN is no number that JSON knows"),
        ('{"units":\n 1 2}', "this is not valid JSON: expecting ',' delimiter at line 2, column 4"),
        (b"\xff\xfe{\x00", "this is not valid JSON: it is not UTF-8 text"),
    ],
)
def test_what_is_no_json_is_refused_with_its_place(text, said):
    with pytest.raises(InputError) as refused:
        from_json(text, Dense)
    assert str(refused.value) == said


def test_a_byte_order_mark_is_no_part_of_the_contents():
    text = '{"units": 3, "activation": {"type": "tanh"}}'
    assert from_json(b"\xef\xbb\xbf" + text.encode(), Dense) == from_json(text, Dense)
