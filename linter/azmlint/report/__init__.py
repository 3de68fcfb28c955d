"""The formats of a report; each is a pure function of it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from azmlint.report.escape import unheard

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType

    from azmlint.engine.report import Report
    from azmlint.report.options import ReportOptions

FORMATS: Final = (
    "azure-devops",
    "checkstyle",
    "concise",
    "csv",
    "github",
    "gitlab",
    "html",
    "json",
    "junit",
    "markdown",
    "sarif",
    "sarif-github",
    "text",
)
"""Every format; each is a module of this package with a function `write`, or with `pieces`."""

_JSON: Final = "\\u0023"
_XML: Final = "&#35;"
_SIGNS: Final = {
    "checkstyle": _XML,
    "csv": "# ",
    "gitlab": _JSON,
    "html": _JSON,
    "json": _JSON,
    "junit": _XML,
    "sarif": _JSON,
    "sarif-github": _JSON,
}
"""How formats spell a `#` that would begin a command in the log of a pipeline; others do it as they
write a name."""


def write(form: str, report: Report, options: ReportOptions) -> str:
    """Write a report in one of FORMATS, without the secrets of the files that it is about."""
    return "".join(pieces(form, report, options))


def pieces(form: str, report: Report, options: ReportOptions) -> Iterator[str]:
    """Write a report piece by piece where the format can, so that it is never held as a whole."""
    module, shown = _module(form), _shown(report)
    texts: Iterable[str] = (
        module.pieces(shown, options)
        if hasattr(module, "pieces")
        else (module.write(shown, options),)
    )
    sign = _SIGNS.get(form)
    for text in texts:
        yield text if sign is None else unheard(text, sign)


def write_files(form: str, report: Report, options: ReportOptions) -> list[str]:
    """Write a report as the files that the readers of a format take; most take one."""
    module = _module(form)
    if not hasattr(module, "write_files"):
        return [write(form, report, options)]
    texts: list[str] = module.write_files(_shown(report), options)
    return texts


def _module(form: str) -> ModuleType:
    return import_module(f"azmlint.report.{form.replace('-', '_')}")


def _shown(report: Report) -> Report:
    if report.secrets:
        from azmlint.report.mask import without_secrets  # noqa: PLC0415  # most files have none

        report = without_secrets(report)
    return report
