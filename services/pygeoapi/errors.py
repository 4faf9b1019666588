"""Errors of ours as errors of pygeoapi, and back.

A plugin raises pygeoapi's errors, which its core answers with the status and the message. Each has ours as its cause,
which `services.pygeoapi.bridge` brings back inside the application.
"""

from __future__ import annotations

from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

from pygeoapi.process.base import JobNotFoundError, JobResultNotFoundError, ProcessorExecuteError
from pygeoapi.provider.base import ProviderGenericError

from config.errors import EnvironmentFault, GraticuleError, InvalidInput, JobNotFound, NotFound
from services.processes.executions import JobFailed
from services.web.problems import status_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pygeoapi.error import GenericError

_CODES: dict[type[GraticuleError], str] = {NotFound: "NotFound", InvalidInput: "InvalidParameterValue"}
"""The `code` in the body of pygeoapi's errors."""


@contextmanager
def as_provider_errors() -> Iterator[None]:
    """Raise errors of ours as ProviderGenericError."""
    try:
        yield
    except GraticuleError as error:
        raise _translate(error, ProviderGenericError) from error


@contextmanager
def as_processor_errors() -> Iterator[None]:
    """Raise errors of ours as ProcessorExecuteError."""
    try:
        yield
    except GraticuleError as error:
        raise _translate(error, ProcessorExecuteError) from error


@contextmanager
def as_job_errors() -> Iterator[None]:
    """Raise errors of ours as JobNotFoundError where there is no such job, else as JobResultNotFoundError."""
    try:
        yield
    except JobNotFound as error:
        raise JobNotFoundError(error.detail) from error
    except GraticuleError as error:
        raise JobResultNotFoundError(error.detail) from error


def _translate(error: GraticuleError, kind: type[GenericError]) -> GenericError:
    # the detail of a fault of the environment names hosts and files, which are the operator's business
    detail = type(error)().detail if isinstance(error, EnvironmentFault) else error.detail
    translation = kind(error.detail, user_msg=detail)
    status = error.error["status"] if isinstance(error, JobFailed) else status_of(error)
    translation.http_status_code = HTTPStatus(status)
    code = next((code for cls, code in _CODES.items() if isinstance(error, cls)), None)
    translation.ogc_exception_code = code or "NoApplicableCode"
    return translation
