"""The one thing a rule pack contains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, dataclass_transform, get_args

from azmlint.finding import Finding, Related, Severity
from azmlint.location import Place
from azmlint.model.resource import Resource

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from azmlint.finding import Fix
    from azmlint.model.estate import Estate
    from azmlint.model.value import Value

R_contra = TypeVar("R_contra", bound=Resource, contravariant=True)


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Rule(Generic[R_contra]):
    """A policy about one kind of resource.

    Subclass `Rule[Kind]`, say what is wrong in the docstring, and yield findings from `check`.
    Annotated fields are the rule's options; each has a default and a docstring under it.
    """

    name: ClassVar[str]
    """Kebab-case; names the fault and not the remedy. Final."""

    severity: ClassVar[Severity] = Severity.WARNING
    """The highest that it reports."""

    needs: ClassVar[frozenset[str]] = frozenset()
    """The facets of what is deployed without which it has nothing to say."""

    uses: ClassVar[frozenset[str]] = frozenset()
    """More facets that it asks for where they were read."""

    judges_declared: ClassVar[bool] = True
    """Whether it judges what files declare."""

    judges_deployed: ClassVar[bool] = True
    """Whether it judges what is deployed."""

    supersedes: ClassVar[tuple[str, ...]] = ()
    """Weaker rules whose findings on the same thing are dropped."""

    causes: ClassVar[tuple[str, ...]] = ()
    """Of a symptom: the rules whose findings can explain it, the likeliest first."""

    codes: ClassVar[tuple[str, ...]] = ()
    """The codes with which the service refuses because of this fault."""

    workspace_kinds: ClassVar[tuple[str, ...]] = ()
    """The kinds of workspace it applies to; empty for all."""

    formerly: ClassVar[tuple[str, ...]] = ()
    help_uri: ClassVar[str] = ""
    """Where its page is; azmlint's own rules need not say."""

    security_severity: ClassVar[float | None] = None
    """For GitHub's security tab only, 0.1 to 10."""

    kind: ClassVar[type[Resource]]
    """The kind in `Rule[Kind]`."""

    option_names: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        """Read the kind from the base class and the options from the annotations."""
        for base in getattr(cls, "__orig_bases__", ()):
            for argument in get_args(base):
                if isinstance(argument, type):
                    cls.kind = argument
        cls.option_names = cls.option_names + tuple(
            n for n, a in vars(cls).get("__annotations__", {}).items() if "ClassVar" not in str(a)
        )

    def __init__(self, **options: object) -> None:
        """Set options; an unknown one is a TypeError."""
        for name, value in options.items():
            if name not in self.option_names:
                message = f"{self.name} has no option {name!r}"
                raise TypeError(message)
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse: a rule has no state."""
        message = f"a rule keeps no state: {name}"
        raise AttributeError(message)

    def check(self, resource: R_contra, estate: Estate, /) -> Iterator[Finding]:
        """Yield what is wrong with `resource`."""
        raise NotImplementedError

    def finding(
        self,
        on: Value[Any] | Resource,
        message: str,
        *,
        severity: Severity | None = None,
        related: Iterable[tuple[Value[Any] | Resource | Place, str]] = (),
        fixes: Iterable[Fix] = (),
        why_no_fix: str | None = None,
    ) -> Finding:
        """Report `message` at a resource or one of its properties."""
        resource = on if isinstance(on, Resource) else on.owner
        return Finding(
            self.name,
            severity or self.severity,
            message,
            on,
            resource,
            related=tuple(
                Related(r, note)
                if isinstance(r, Place)
                else Related(r.place, note, r if isinstance(r, Resource) else r.owner)
                for r, note in related
            ),
            fixes=tuple(fixes),
            why_no_fix=why_no_fix,
        )
