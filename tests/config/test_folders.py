"""Folders that others may not enter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from config.folders import is_open_to_all, make_private

if TYPE_CHECKING:
    from pathlib import Path


def test_new_folder_is_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "store"
    make_private(folder)
    assert folder.stat().st_mode & 0o007 == 0
    assert not is_open_to_all(folder)


def test_folder_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    make_private(tmp_path)
    assert is_open_to_all(tmp_path)
    assert not is_open_to_all(tmp_path / "none")


def test_file_in_its_place_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("")
    with pytest.raises(FileExistsError):
        make_private(tmp_path / "store")
