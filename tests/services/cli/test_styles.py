"""`graticule styles` over a real catalogue."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from services.cli import main
from tests.support.datasets import dated

if TYPE_CHECKING:
    from pathlib import Path

    from records.datasets.repository import Repository


@pytest.fixture(autouse=True)
def environment(
    monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path, repository: Repository, store: Path
) -> None:
    """The environment of an operator whose catalogue has the dataset `sst`."""
    monkeypatch.setenv("GRATICULE_DATABASE_URL", database_url)
    monkeypatch.setenv("GRATICULE_DATA_DIR", str(tmp_path))
    repository.publish(dated(store))


def test_colour_maps_are_listed_with_their_colours_and_origin(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["styles", "list"]) == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert lines["thermal"].endswith("cmocean")
    assert "#440154" in lines["viridis"]
    assert "matplotlib" in lines["viridis"]
    assert main.run(["styles", "list", "--json"]) == 0
    assert {"name": "algae", "source": "cmocean"} in map(json.loads, capsys.readouterr().out.splitlines())


def test_the_styles_of_a_dataset_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["styles", "list", "sst"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("v\tdefault\t#440154")
    assert second.endswith("gray\t0 to 900000 K\tlinear\tGrey")


@pytest.mark.parametrize("suffix", [".png", ".svg", ".json"])
def test_a_legend_is_written_in_the_format_of_its_name(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"legend{suffix}"
    assert main.run(["styles", "legend", "sst", "-o", str(path), "--style", "grey", "--width", "400"]) == 0
    if suffix == ".png":
        with Image.open(path) as picture:
            assert picture.width == 400
    else:
        assert "Value" in path.read_text("utf-8")


@pytest.mark.parametrize("words", ["none -o x.png", "sst -o x.gif", "sst -o x.png --style no"])
def test_a_legend_that_cannot_be_drawn_is_wrong_usage(words: str, tmp_path: Path) -> None:
    assert main.run(["styles", "legend", *words.replace("x.", f"{tmp_path}/x.").split()]) == 2
    assert not list(tmp_path.glob("x.*"))


QML = (
    "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'><qgis><pipe><rasterrenderer "
    'type="singlebandpseudocolor" band="1" opacity="1"><rastershader><colorrampshader colorRampType="INTERPOLATED" '
    'clip="1"><item value="0" color="#440154" alpha="255" label="0"/><item value="9" color="#fde725" alpha="255" '
    'label="9"/></colorrampshader></rastershader></rasterrenderer></pipe></qgis>'
)


def test_a_style_is_imported_listed_and_removed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "Warm Water.qml"
    path.write_text(QML)
    assert main.run(["styles", "import", str(path), "--dataset", "sst", "--variable", "v"]) == 0
    shown = capsys.readouterr()
    assert shown.out == "sst\tv\twarm-water\t2 colours, ramp\n"
    assert "clip='1' is not understood" in shown.err
    assert main.run(["styles", "list", "sst"]) == 0
    assert "warm-water\t#440154" in capsys.readouterr().out
    assert main.run(["styles", "remove", "sst", "warm-water"]) == 0
    assert main.run(["styles", "list", "sst"]) == 0
    assert [line.split("\t")[1] for line in capsys.readouterr().out.splitlines()[1:]] == ["default", "grey"]
    assert main.run(["styles", "remove", "sst", "grey"]) != 0  # declared


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [("a.qml", "<html/>", "html"), ("a b!.qml", QML, "--id"), ("absent.qml", None, "absent.qml")],
)
def test_a_style_that_cannot_be_imported_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, text: str | None, words: str
) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    assert main.run(["styles", "import", str(tmp_path / name), "--dataset", "sst"]) in (1, 2)
    assert words in capsys.readouterr().err
