"""Publishing the maps of a job as a dataset (`publish: {id, title, ...}`), with a record that tells their lineage."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from cog.convert.models import Converted
from cog.statistics.partial import Partial
from config.declarations.datasets import DatasetDeclaration, RecordDeclaration
from config.declarations.validation_messages import explained
from config.errors import InvalidInput
from services.access.decision import derived_access
from services.ingest.publishing.computed import ComputedDataset, ComputedMap, computed_dataset

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from config.grids import Grid
    from records.datasets.models import Dataset
    from services.processes.fields.field import ProcessField
    from services.processes.maps.quantity import MapQuantity
    from services.processes.maps.writer import StagedMap
    from services.processes.protocol import Environment
    from services.web.context import Context

_SOFTWARE: Final = ("graticule", "numpy", "rasterio")
_LANGUAGES: Final = ("en", "zh")
_MOST_PARAMETER: Final = 300


@dataclass(frozen=True, kw_only=True)
class Lineage:
    """What maps were computed from and how.

    Attributes:
        process: Id of the process.
        version: Its version.
        fields: The inputs that are fields.
        parameters: The other inputs.
        notes: What was assumed, converted or left out, one sentence each.
    """

    process: str
    version: str
    fields: tuple[ProcessField, ...]
    parameters: Mapping[str, Any]
    notes: tuple[str, ...] = ()

    @property
    def datasets(self) -> list[Dataset]:
        """The datasets of the fields, each once."""
        by_id = {field.selection.dataset.id: field.selection.dataset for field in self.fields if field.selection}
        return list(by_id.values())

    @property
    def sentences(self) -> list[str]:
        """The lineage in words."""
        notes = [note for field in self.fields if (note := field.conversion.note)]
        parameters = "; ".join(f"{name} = {_short(value)}" for name, value in self.parameters.items())
        return [
            f"Computed by the process {self.process} {self.version} of Graticule {version('graticule')}.",
            *([f"Inputs: {'; '.join(field.words for field in self.fields)}."] if self.fields else []),
            *([f"Parameters: {parameters}."] if parameters else []),
            *(f"{note[:1].upper()}{note[1:].rstrip('.')}." for note in (*notes, *self.notes)),
        ]

    def document(self, job_id: str) -> dict[str, Any]:
        """The lineage as it is kept with each granule."""
        return {
            "key": f"job:{job_id}",
            "process": {"id": self.process, "version": self.version},
            "job": job_id,
            "inputs": [field.words for field in self.fields],
            "parameters": {name: _short(value) for name, value in self.parameters.items()},
            "notes": [note for field in self.fields if (note := field.conversion.note)] + list(self.notes),
            "versions": {name: version(name) for name in _SOFTWARE},
        }


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= _MOST_PARAMETER else text[:_MOST_PARAMETER] + "..."


def require_publishable(publish: Mapping[str, Any] | None, context: Context) -> None:
    """Raise InvalidInput or Conflict if an input `publish` cannot be fulfilled."""
    if publish:
        _declaration(publish, [], Lineage(process="", version="", fields=(), parameters={}), {})
        context.catalogue.repository.require_new(publish["id"])


def dataset_of_maps(
    publish: Mapping[str, Any],
    maps: Sequence[StagedMap],
    quantities: Sequence[MapQuantity],
    grid: Grid,
    lineage: Lineage,
    environment: Environment,
) -> ComputedDataset:
    """The dataset that staged maps become when the execution ends; raises InvalidInput where no map has data."""
    context = environment.context
    by_id = {quantity.id: quantity for quantity in quantities}
    computed = []
    for each in maps:
        file = Converted(
            path=context.store / each.file.href,
            sha256=each.file.sha256,
            size=each.file.size,
            summary=each.statistics,
        )
        computed.append(ComputedMap(variable=by_id[each.quantity].variable(grid), time=each.time, file=file))
    if not any(each.file.statistics.count for each in computed):
        raise InvalidInput("the maps have no data: nothing is published")
    merged = {
        id_: Partial.merged([each.file.statistics for each in computed if each.variable.name == id_])
        for id_ in by_id
        if any(each.variable.name == id_ for each in computed)
    }
    used = [by_id[id_] for id_ in merged]
    dataset = computed_dataset(
        _declaration(publish, used, lineage, merged),
        computed,
        access=derived_access(lineage.datasets),
        provenance=lineage.document(environment.staging.job_id),
    )
    environment.commit_last(lambda along: dataset.publish(context.catalogue.repository, context.store, along=along))
    return dataset


def _declaration(
    publish: Mapping[str, Any],
    quantities: Sequence[MapQuantity],
    lineage: Lineage,
    statistics: Mapping[str, Partial],
) -> DatasetDeclaration:
    """The declaration of the dataset; raises InvalidInput naming the member that is wrong."""
    try:
        return DatasetDeclaration(
            id=publish["id"],
            variables=[quantity.declaration(statistics[quantity.id]) for quantity in quantities],
            record=record_declaration(publish, lineage),
        )
    except ValidationError as error:
        raise InvalidInput(f"publish: {explained(error, DatasetDeclaration, {})}") from error


def record_declaration(publish: Mapping[str, Any], lineage: Lineage | None) -> RecordDeclaration:
    """The record of what is published, with its lineage in words; raises InvalidInput naming what is wrong."""
    datasets = lineage.datasets if lineage else []
    sources = "; ".join(f"{dataset.title.get('en', dataset.id)} ({dataset.id})" for dataset in datasets)
    record = {
        "title": _texts(publish["title"]),
        "description": _texts(publish.get("description", {})),
        "keywords": {"en": list(publish["keywords"])} if publish.get("keywords") else {},
        "license": publish.get("license"),
        "attribution": publish.get("attribution"),
        "lineage": {"en": " ".join(lineage.sentences)} if lineage and lineage.process else {},
        "source": {"en": sources} if sources else {},
    }
    try:
        return RecordDeclaration.model_validate(record)
    except ValidationError as error:
        raise InvalidInput(f"publish: {explained(error, RecordDeclaration, {})}") from error


def _texts(value: str | Mapping[str, str]) -> dict[str, str]:
    texts = dict.fromkeys(_LANGUAGES[:1], value) if isinstance(value, str) else value
    return {str(language): str(text) for language, text in texts.items() if str(text).strip()}
