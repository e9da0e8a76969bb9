"""Undo and redo."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bplab.lab.history import MOST_STEPS, History


def test_an_edit_can_be_taken_back_and_brought_back() -> None:
    history = History(1)
    assert history.edit(2, "Two")
    assert (history.value, history.undo_label, history.redo_label) == (2, "Two", None)
    assert history.undo() == 1
    assert (history.undo_label, history.redo_label) == (None, "Two")
    assert history.redo() == 2


def test_undo_and_redo_stop_at_the_ends() -> None:
    history = History(1)
    assert history.undo() == 1
    assert history.redo() == 1


def test_an_edit_that_changes_nothing_is_no_step() -> None:
    history = History((1, 2))
    assert not history.edit((1, 2), "Nothing")
    assert history.undo_label is None


def test_a_new_edit_forgets_what_was_undone() -> None:
    history = History(1)
    history.edit(2, "Two")
    history.undo()
    history.edit(3, "Three")
    assert history.redo_label is None
    assert history.undo() == 1


def test_a_drag_is_one_step() -> None:
    history = History(0)
    for value in range(1, 10):
        history.edit(value, "Noise", merge_key="noise")
    assert history.value == 9
    assert history.undo() == 0


def test_two_drags_are_two_steps_when_the_mouse_was_released_between_them() -> None:
    history = History(0)
    history.edit(1, "Noise", "noise")
    history.edit(2, "Noise", "noise")
    history.break_merge()
    history.edit(3, "Noise", "noise")
    assert [history.undo(), history.undo()] == [2, 0]


def test_edits_of_different_things_are_different_steps() -> None:
    history = History(0)
    history.edit(1, "Noise", "noise")
    history.edit(2, "Rate", "rate")
    history.edit(3, "Plain")
    history.edit(4, "Plain")
    assert [history.undo() for _ in range(4)] == [3, 2, 1, 0]


def test_an_edit_after_an_undo_merges_with_nothing() -> None:
    history = History(0)
    history.edit(1, "Noise", "noise")
    history.edit(2, "Rate", "rate")
    history.undo()
    history.edit(3, "Noise", "noise")
    assert history.undo() == 1


def test_a_drag_back_to_where_it_began_leaves_no_step() -> None:
    history = History(0)
    history.edit(5, "Before")
    history.edit(6, "Noise", "noise")
    history.edit(5, "Noise", "noise")
    assert (history.value, history.undo_label, history.redo_label) == (5, "Before", None)
    assert history.undo() == 0


def test_the_oldest_steps_are_forgotten_when_there_are_too_many() -> None:
    history = History(0)
    for value in range(1, MOST_STEPS + 100):
        history.edit(value, "Count")
    for _ in range(MOST_STEPS + 100):
        history.undo()
    assert history.value == 100
    assert history.redo() == 101


Step = tuple[str, int, str | None]


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("edit"), st.integers(0, 4), st.sampled_from([None, "a", "b"])),
            st.tuples(st.sampled_from(["undo", "redo", "release"]), st.just(0), st.none()),
        ),
        max_size=40,
    )
)
def test_any_sequence_of_edits_is_walked_back_and_forth_exactly(steps: list[Step]) -> None:
    history = History(0)
    for what, value, key in steps:
        if what == "edit":
            before = history.value
            assert history.edit(value, f"to {value}", key) is (value != before)
            assert history.value == value
        elif what == "undo":
            history.undo()
        elif what == "redo":
            history.redo()
        else:
            history.break_merge()
    present, back = history.value, []
    while history.undo_label is not None:
        back.append((history.undo_label, history.value))
        history.undo()
    assert history.value == 0
    forth = []
    while history.redo_label is not None and len(forth) < len(back):
        label = history.redo_label
        forth.append((label, history.redo()))
    assert forth == back[::-1]
    assert history.value == present
    assert all(label == f"to {value}" for label, value in forth)
    assert all(one != other for (_, one), (_, other) in pairwise(back))
