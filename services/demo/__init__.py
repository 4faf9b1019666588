"""Demo datasets: declarations kept here, data files that other installed packages bring along."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from config.declarations.datasets import DatasetDeclaration, read_declaration
from config.errors import EnvironmentFault


@dataclass(frozen=True, kw_only=True)
class DemoDataset:
    """One dataset of the demo: its declaration and its source files."""

    declaration: DatasetDeclaration
    paths: tuple[Path, ...]


_FILES: tuple[tuple[str, str, str], ...] = (
    ("linke-turbidity", "pvlib", "data/LinkeTurbidities.h5"),
    ("altitude", "pvlib", "data/Altitude.h5"),
    ("sea-surface-temperature", "iris_sample_data", "sample_data/ostia_monthly.nc"),
    ("air-temperature-a1b", "iris_sample_data", "sample_data/A1B_north_america.nc"),
    ("toa-brightness-temperature", "iris_sample_data", "sample_data/toa_brightness_stereographic.nc"),
)
"""Declaration, the package that holds the data file, and its place in the package."""


def demo_datasets() -> list[DemoDataset]:
    """The demo datasets, ready to ingest; raises EnvironmentFault when the extra `demo` is not installed."""
    here = Path(__file__).parent
    datasets = []
    for name, package, place in _FILES:
        declaration = read_declaration(here / f"{name}.yaml")
        datasets.append(DemoDataset(declaration=declaration, paths=(_package_file(package, place),)))
    return datasets


def _package_file(package: str, place: str) -> Path:
    remedy = "install the extra `demo`: uv sync --extra demo"
    spec = find_spec(package)  # found, not imported: pvlib would bring pandas and scipy with it
    if spec is None or spec.origin is None:
        raise EnvironmentFault(f"the package {package}, which holds demo data, is not installed; {remedy}")
    path = Path(spec.origin).parent / place
    if not path.is_file():
        raise EnvironmentFault(f"{path} is missing; {remedy}")
    return path
