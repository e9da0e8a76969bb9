"""Equations taken apart into pieces, and put together again in lines."""

import pytest

from bplab.gui.chain.atoms import Break, atoms_of
from bplab.gui.chain.factor_axis import Axis
from bplab.gui.chain.lines import rows_of
from bplab.gui.chain.typeset import outline
from bplab.lab.experiment import load_experiment
from bplab.lab.explaining import Target, equations, explain, unrolled
from bplab.lab.live import LiveView


def pieces(latex: str) -> list[str]:
    return [atom.latex for atom in atoms_of(latex)]


def test_a_number_comes_apart_into_digits_and_its_power_of_ten() -> None:
    assert pieces(r"({-}4.25 \cdot 10^{-4})") == ["(", "{-}", "4", ".", "2", "5", r"\cdot", "10^{-4}", ")"]


@pytest.mark.parametrize(
    "piece",
    [
        r"\frac{\partial C}{\partial w_{1 \, 2}^{(1)}}",
        r"\| \delta_{2}^{(1)} \|",
        r"\left( \sum_k w_{jk}^{(2)} + \mathrm{skips} \right)",
        r"\delta_k^{(2)}",
        r"\sum_k",
    ],
)
def test_what_belongs_together_stays_one_piece(piece: str) -> None:
    assert [one.replace(" ", "") for one in pieces(f"{piece} = n")] == [piece.replace(" ", ""), "=", "n"]


def test_a_command_keeps_its_distance_from_a_letter_behind_it() -> None:
    assert pieces(r"\partial C / \partial a^{(3)}") == [r"\partial", "C", "/", r"\partial", "a^{(3)}"]
    assert pieces(r"\frac{\partial C}{n}") == [r"\frac{\partial C}{n}"]


def test_lines_break_at_equations_then_relations_then_operations_and_never_in_a_number() -> None:
    atoms = atoms_of(r"a = b \cdot 4.3 \cdot 10^{-4}, \quad c = d")
    assert [(atom.latex, atom.breaks) for atom in atoms if atom.breaks is not Break.NEVER] == [
        ("=", Break.RELATION), (r"\cdot", Break.OPERATION), ("c", Break.QUAD), ("=", Break.RELATION),
    ]  # fmt: skip


def test_thousands_have_no_gap_behind_their_comma() -> None:
    assert [atom.after for atom in atoms_of("8,192")] == [0.0] * 5
    assert [atom.after for atom in atoms_of("f(a,b)") if atom.latex == ","] != [0.0]


def test_no_line_is_wider_than_its_place_and_nothing_is_lost() -> None:
    live = LiveView(load_experiment("circle"))
    passed = live.network.backprop(live.problem.probe_inputs, live.problem.probe_targets)
    for sample in (None, 3):
        told = explain(live.network, passed, Target("weight", 0, 1, 0), sample)
        for line in (*equations(told), *unrolled(told)):
            for latex in (line.latex_symbols, line.latex_numbers):
                atoms = atoms_of(latex)
                rows = rows_of(atoms, 15.0)
                assert all(row.width <= 15.0 for row in rows)
                assert [piece.latex for row in rows for piece in row.pieces] == [atom.latex for atom in atoms]
                assert len(rows_of(atoms, 100.0)) == 1


def test_all_digits_are_equally_wide_so_that_changing_numbers_do_not_dance() -> None:
    assert len({outline(digit).advance for digit in "0123456789"}) == 1


def test_the_axis_holds_every_factor_and_marks_the_healthy_size() -> None:
    axis = Axis(6, 1)
    assert axis.share(6.0) == 0.0
    assert axis.share(-1.0) == 1.0
    assert axis.share(float("inf")) == axis.share(float("nan")) == 0.0
    assert (axis.share(0.0), "healthy") in axis.ticks()
