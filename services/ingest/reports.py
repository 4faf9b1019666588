"""The report of an ingest: a line a source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from config.errors import SourceRefused
from records.datasets.models import Granule, Place
from services.ingest.models import IngestReport, SourceOutcome, SourceStatus, shown
from services.ingest.planning.disk_space import in_words
from services.ingest.planning.plan import GranulePiece
from services.ingest.reading.source_digest import SourceContent, by_key

_MOST_LEFT_OUT = 8
"""Variables that cannot be used, and are named with the reason."""


def refusal(dataset_id: str, sources: Sequence[Path], refused: Sequence[SourceRefused]) -> IngestReport:
    """The report when sources were refused: the others were not published either."""
    reasons = _reasons(refused)
    first = refused[0]
    is_source = any(str(path) in reasons for path in sources)
    others = f"not published, because {first.path} was refused" if is_source else first.detail
    outcomes = [_refused(dataset_id, path, reasons.get(str(path), others)) for path in sources]
    return IngestReport(dataset=dataset_id, outcomes=tuple(outcomes))


def report(
    dataset_id: str,
    contents: Sequence[SourceContent],
    pieces: Sequence[GranulePiece],
    *,
    before: Sequence[Granule],
    after: Sequence[Granule],
    refused: Sequence[SourceRefused],
    sources: Sequence[Path],
    size: Callable[[GranulePiece], int],
    unusable: Mapping[Path, Sequence[tuple[str, str]]],
    gone: Sequence[Path] = (),
    notes: Mapping[Path, Sequence[str]] | None = None,
    rehearsed: bool = False,
    unchanged: str = "",
) -> IngestReport:
    """The report of sources of which some became pieces.

    Args:
        dataset_id: The dataset.
        contents: The sources that could be read.
        pieces: What they became.
        before: The granules that the dataset had.
        after: Those that it has.
        refused: The sources that were left out.
        sources: Every source, in the order of the report.
        size: Bytes of a piece's asset.
        unusable: Variables of a source that were left out because they cannot be used, each with the reason.
        gone: Files that are no longer there, and whose granules were withdrawn.
        notes: What the layout of a source that stays where it lies costs, a sentence each.
        rehearsed: Whether it only would become so.
        unchanged: Reason for sources that gave nothing.
    """
    published_places: set[Place] = {g.place for g in before}
    mine: dict[Path, list[GranulePiece]] = {}
    for piece in pieces:
        mine.setdefault(piece.source.path, []).append(piece)
    granules, reasons = by_key([*before, *after]), _reasons(refused)
    keys = {content.path: content.key for content in contents}
    published, replaced = SourceStatus.PUBLISHED, SourceStatus.REPLACED
    if rehearsed:
        published, replaced = SourceStatus.WOULD_PUBLISH, SourceStatus.WOULD_REPLACE
    outcomes = []
    for path in sources:
        if str(path) in reasons:
            outcomes.append(_refused(dataset_id, path, reasons[str(path)]))
        elif path in mine:
            places = [piece.place for piece in mine[path]]
            status = replaced if any(place in published_places for place in places) else published
            total = sum(size(piece) for piece in mine[path])
            about = f"about {in_words(total)}; " if rehearsed else ""
            costs = "; ".join((notes or {}).get(path, ()))
            slow = f"Not at full speed: {costs}." if costs else ""
            notice = " ".join(text for text in (_assumed(mine[path]), _left_out(unusable.get(path, ())), slow) if text)
            reason = (about + notice).removesuffix("; ")
            outcomes.append(_outcome(dataset_id, path, status, places, size=total, reason=reason))
        else:
            places = list(dict.fromkeys(g.place for g in granules.get(keys.get(path, ""), ())))
            outcomes.append(_outcome(dataset_id, path, SourceStatus.UNCHANGED, places, reason=unchanged))
    left = {shown(path): [g.place for g in before if g.source_path == shown(path)] for path in gone}
    outcomes += [_outcome(dataset_id, path, SourceStatus.WITHDRAWN, left[shown(path)]) for path in gone]
    return IngestReport(dataset=dataset_id, outcomes=tuple(outcomes))


def _assumed(pieces: Sequence[GranulePiece]) -> str:
    """The assumptions about a source's variables that are not declared, each with the variables."""
    ids_by_note: dict[str, dict[str, None]] = {}
    for piece in pieces:
        for note in piece.variable.assumed:
            ids_by_note.setdefault(note, {})[piece.variable_id] = None
    return " ".join(f"{', '.join(ids)}: {note}" for note, ids in ids_by_note.items())


def _left_out(unusable: Sequence[tuple[str, str]]) -> str:
    """A sentence on the variables of a source that cannot be used; of many the first ones."""
    if not unusable:
        return ""
    shown = "; ".join(f"{name}: {reason}" for name, reason in unusable[:_MOST_LEFT_OUT])
    more = f"; and {len(unusable) - _MOST_LEFT_OUT} more" if len(unusable) > _MOST_LEFT_OUT else ""
    return f"Left out (--strict refuses the file instead): {shown}{more}."


def _reasons(refused: Iterable[SourceRefused]) -> dict[str, str]:
    return {str(r.path): f"{r.cause}; {r.remedy}" for r in refused}


def _refused(dataset_id: str, path: Path, reason: str) -> SourceOutcome:
    return SourceOutcome(status=SourceStatus.REFUSED, path=path, dataset=dataset_id, reason=reason)


def _outcome(
    dataset_id: str,
    path: Path,
    status: SourceStatus,
    places: Sequence[Place],
    *,
    size: int | None = None,
    reason: str = "",
) -> SourceOutcome:
    return SourceOutcome(
        status=status,
        path=path,
        dataset=dataset_id,
        variables=tuple(dict.fromkeys(variable for variable, _, _, _ in places)),
        times=tuple(dict.fromkeys(time for _, time, _, _ in places if time)),
        parts=tuple(dict.fromkeys(part for _, _, _, part in places if part)),
        granules=len(places),
        size=size,
        reason=reason,
    )
