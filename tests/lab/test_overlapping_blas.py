"""Blocks that want different numbers of BLAS threads may overlap; at the end all is as before."""

from threadpoolctl import threadpool_info

from bplab.lab.blas import limited_blas


def threads():
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


def test_the_newest_wish_counts_and_the_first_number_comes_back_in_whatever_order_they_end():
    before = threads()
    first, second = limited_blas(1), limited_blas(2)
    first.__enter__()
    second.__enter__()
    assert threads() == {2}
    first.__exit__(None, None, None)
    assert threads() == {2}
    second.__exit__(None, None, None)
    assert threads() == before


def test_an_inner_block_gives_the_outer_ones_number_back():
    with limited_blas(2):
        with limited_blas(1):
            assert threads() == {1}
        assert threads() == {2}
