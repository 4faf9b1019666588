"""Every error Graticule raises on purpose, as one tree.

GraticuleError
 +- InvalidInput            the caller asked for something malformed or impossible
 |   +- InvalidParameter    one named parameter has a bad value
 |   +- InvalidDeclaration  a dataset's YAML is wrong: names line and field
 |   +- InvalidRecord       a metadata record cannot be stored: names the member
 |   +- UnsupportedMediaType  a body of a kind that is not read
 +- NotFound                a named thing does not exist
 |   +- CollectionNotFound
 |   |   +- RecordWithoutData   a record of that id is catalogued, its data are not served
 |   +- VariableNotFound
 |   +- StyleNotFound
 |   +- GranuleNotFound     no, or more than one, granule at the time, level or part of the request
 |   +- ItemNotFound        no item of the dataset has that id
 |   +- AssetNotFound       no granule of the dataset has a file of that name
 |   +- OutsideExtent       the asked region does not meet the data
 |   +- TileOutsideMatrix
 |   +- RecordNotFound
 |   +- ProcessNotFound
 |   +- JobNotFound
 |   +- ResultNotReady      the job has not finished yet
 |   +- JobDismissed        the job was dismissed, so it has no result
 +- NotAcceptable           the format that the request names cannot hold what it selects
 +- AccessRestricted        the dataset is catalogued, but its data is not served
 +- Unauthenticated         the request needs a valid token: says what a challenge of HTTP may say
 +- Forbidden               nobody, or not this token, may do that
 +- DamagedAsset            a file of the store does not hold what was written there: names it
 +- TooLarge                the answer would exceed a bound; the message says how to ask for less
 +- TooSlow                 a synchronous execution took longer than its bound
 +- Overloaded              as much work as may wait is waiting already
 |   +- TooManyRequests     the same, of one client
 +- SourceRefused           a file cannot become part of a dataset: names file, cause and remedy
 +- Conflict                the catalogue's state forbids the change
 +- PreconditionFailed      what the request presumes of the state is not so
 +- PreconditionRequired    the request must say which state it changes
 +- EnvironmentFault        the machine, the database or the settings are not fit to work
     +- UnsafeSetting
     +- DatabaseUnavailable
     +- DatabaseUnsuitable
     +- SchemaBehind
     +- PortTaken

`kind` is a stable, machine-readable code. HTTP statuses live in `services.web.errors`, exit codes in `services.cli`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHOWN = 100
"""Characters of a hostile value that an answer repeats."""


class GraticuleError(Exception):
    """Something went wrong."""

    kind: ClassVar[str] = "error"

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail or (type(self).__doc__ or "").splitlines()[0])

    def __reduce__(self) -> tuple[object, ...]:
        """Pass whole from a worker process to its parent, whatever the arguments of the constructor."""
        return _restored, (type(self), self.args, self.__dict__.copy())

    @property
    def detail(self) -> str:
        """The message, for people: it names the value, the limit and the remedy."""
        return str(self.args[0])


def _restored(cls: type[GraticuleError], args: tuple[object, ...], attributes: dict[str, object]) -> GraticuleError:
    error = cls.__new__(cls)
    error.args = args
    error.__dict__.update(attributes)
    return error


class InvalidInput(GraticuleError):
    """The request is malformed."""

    kind = "invalid-input"


class InvalidParameter(InvalidInput):
    """A parameter has a value that cannot be used."""

    kind = "invalid-parameter"

    def __init__(self, name: str, value: object, remedy: str) -> None:
        text = repr(value)
        if len(text) > 120:
            text = text[:117] + "..."
        super().__init__(f"{name}={text}: {remedy}")
        self.name = name


class InvalidDeclaration(InvalidInput):
    """A dataset declaration is wrong."""

    kind = "invalid-declaration"


class InvalidRecord(InvalidInput):
    """A metadata record cannot be stored."""

    kind = "invalid-record"


class UnsupportedMediaType(InvalidInput):
    """The body of the request is of a kind that is not read here."""

    kind = "unsupported-media-type"

    def __init__(self, media_type: str, supported: Sequence[str]) -> None:
        super().__init__(f"Content-Type: {media_type[:_SHOWN]} is not read here; send {' or '.join(supported)}")


class NotFound(GraticuleError):
    """There is no such thing."""

    kind = "not-found"


class CollectionNotFound(NotFound):
    """There is no such collection."""

    kind = "collection-not-found"


class RecordWithoutData(CollectionNotFound):
    """There is no such collection, but a record of that id."""

    kind = "record-without-data"


class VariableNotFound(NotFound):
    """The collection has no such variable."""

    kind = "variable-not-found"


class StyleNotFound(NotFound):
    """The variable has no such style."""

    kind = "style-not-found"


class GranuleNotFound(NotFound):
    """The request does not select exactly one granule."""

    kind = "granule-not-found"


class ItemNotFound(NotFound):
    """There is no such item."""

    kind = "item-not-found"


class AssetNotFound(NotFound):
    """There is no such file."""

    kind = "asset-not-found"


class OutsideExtent(NotFound):
    """The asked region does not meet the data."""

    kind = "outside-extent"


class TileOutsideMatrix(NotFound):
    """The tile lies outside its tile matrix."""

    kind = "tile-outside-matrix"


class RecordNotFound(NotFound):
    """There is no such record."""

    kind = "record-not-found"


class JobNotFound(NotFound):
    """There is no such job."""

    kind = "job-not-found"


class ProcessNotFound(NotFound):
    """There is no such process."""

    kind = "process-not-found"


class ResultNotReady(NotFound):
    """The job has no result yet."""

    kind = "result-not-ready"


class JobDismissed(NotFound):
    """The job was dismissed and has no result."""

    kind = "job-dismissed"


class NotAcceptable(GraticuleError):
    """The format that the request names cannot hold what it selects."""

    kind = "not-acceptable"


class AccessRestricted(GraticuleError):
    """The dataset is catalogued, but its data is not served."""

    kind = "access-restricted"


class Unauthenticated(GraticuleError):
    """The request needs a valid token."""

    kind = "unauthenticated"

    def __init__(self, detail: str, *, challenge: str = "") -> None:
        super().__init__(detail)
        self.challenge = challenge
        """Parameters of a Bearer challenge (RFC 6750, 3) beside the realm."""


class Forbidden(GraticuleError):
    """The request is not allowed."""

    kind = "forbidden"


class DamagedAsset(GraticuleError):
    """A file of the store does not hold what was written there."""

    kind = "damaged-asset"

    def __init__(self, name: str, cause: str) -> None:
        super().__init__(
            f"the file {name} of the store {cause}; it is served again once its source has been ingested again, or "
            "`graticule datasets verify --repair` has done so"
        )
        self.name, self.fault = name, cause


class TooLarge(GraticuleError):
    """The answer would be too large."""

    kind = "too-large"


class TooSlow(GraticuleError):
    """The work takes longer than one request may."""

    kind = "too-slow"


class Overloaded(GraticuleError):
    """Too much work is waiting already; ask again later."""

    kind = "overloaded"

    def __init__(self, detail: str | None = None, *, retry_after_s: int = 5) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s
        """Seconds after which asking again may help."""


class TooManyRequests(Overloaded):
    """Too much work of this client is waiting already; ask again later."""

    kind = "too-many-requests"


class SourceRefused(GraticuleError):
    """A source file cannot become part of the dataset."""

    kind = "source-refused"

    def __init__(self, path: object, cause: str, remedy: str) -> None:
        super().__init__(f"{path}: {cause}; {remedy}")
        self.path = path
        self.cause = cause
        self.remedy = remedy


class Conflict(GraticuleError):
    """The catalogue's present state forbids the change."""

    kind = "conflict"


class PreconditionFailed(GraticuleError):
    """The state is not the one that the request presumes."""

    kind = "precondition-failed"


class PreconditionRequired(GraticuleError):
    """The request must be conditional."""

    kind = "precondition-required"


class EnvironmentFault(GraticuleError):
    """The machine or its settings are not fit to work."""

    kind = "environment"


class UnsafeSetting(EnvironmentFault):
    """A setting has a value that is not safe to start with."""

    kind = "unsafe-setting"


class DatabaseUnavailable(EnvironmentFault):
    """The database does not answer."""

    kind = "database-unavailable"


class DatabaseUnsuitable(EnvironmentFault):
    """The database server cannot hold the catalogue."""

    kind = "database-unsuitable"


class SchemaBehind(EnvironmentFault):
    """The database schema is not at this version's revision."""

    kind = "schema-behind"


class PortTaken(EnvironmentFault):
    """Another program listens on the port."""

    kind = "port-taken"
