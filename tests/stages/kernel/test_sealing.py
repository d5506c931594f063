"""Sealed values open only at their place, and survive a rotation."""

import pytest

from zhike.kernel import sealing

PLACE = {"table": "customers_contactpoint", "column": "sealed", "row": "r1"}


def test_it_opens_where_it_was_sealed() -> None:
    token = sealing.seal("13812345678", **PLACE)
    assert "13812345678" not in token
    assert sealing.unseal(token, **PLACE) == "13812345678"


@pytest.mark.parametrize("moved", [{"row": "r2"}, {"column": "other"}, {"table": "other"}])
def test_it_does_not_open_elsewhere(moved: dict[str, str]) -> None:
    token = sealing.seal("13812345678", **PLACE)
    with pytest.raises(sealing.BrokenSeal):
        sealing.unseal(token, **{**PLACE, **moved})


def test_the_same_value_seals_differently_but_blinds_alike() -> None:
    assert sealing.seal("x", **PLACE) != sealing.seal("x", **PLACE)
    assert sealing.blind("phone", "x") == sealing.blind("phone", "x") == sealing.blinder("phone")("x")
    assert sealing.blind("phone", "x") != sealing.blind("email", "x")


def test_old_seals_open_after_a_rotation() -> None:
    old = sealing.seal("x", **PLACE)
    sealing.rotate()
    assert not sealing.is_current(old)
    assert sealing.unseal(old, **PLACE) == "x"
    assert sealing.is_current(sealing.seal("x", **PLACE))


def test_the_key_ring_is_private() -> None:
    sealing.ring()
    assert sealing.ring_path().stat().st_mode & 0o077 == 0


def test_blobs_open_only_at_their_place() -> None:
    blob = sealing.seal_bytes(b"rows", place="batch 1|chunk 0")
    assert sealing.unseal_bytes(blob, place="batch 1|chunk 0") == b"rows"
    with pytest.raises(sealing.BrokenSeal):
        sealing.unseal_bytes(blob, place="batch 1|chunk 1")
