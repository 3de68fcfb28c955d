"""One use of a Terraform module: its variables, locals and resources, and what they refer to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from azmlint.expressions import hcl_values
from azmlint.expressions.arm_values import NotWorkedOut, Refused, known, plain
from azmlint.expressions.term import (
    ABSENT_TERM,
    UNKNOWN,
    Object,
    Symbol,
    Term,
    text_of,
    unknown,
)
from azmlint.expressions.truth import FALSE, TRUE, Decision, Reason, Truth, always
from azmlint.location import Document, Place, Span
from azmlint.model.ids import ResourceId
from azmlint.sources import hcl
from azmlint.sources.document import SyntaxProblem
from azmlint.sources.hcl_evaluator import (
    Frame,
    HclEvaluator,
    LazyObject,
    OpenInstances,
    as_origin,
    elements,
    seen_from,
)
from azmlint.sources.terraform_folder import Folder, Statement
from azmlint.sources.terraform_ids import made_id
from azmlint.sources.terraform_types import SUBNET_LINKS
from azmlint.sources.terraform_values import shaped

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence

    from azmlint.expressions.arm import Budget
    from azmlint.expressions.term import Part
    from azmlint.expressions.worlds import Worlds
    from azmlint.model.value import Route
    from azmlint.sources.hcl import Attribute, Body, Node

OPTION_LIMIT: Final = 16
"""How many allowed values of a variable are tried; more is undecided."""

INSTANCE_LIMIT: Final = 1_000
"""How many instances one block may have."""


_ID_OF_ROLE: Final = ("azurerm_role_definition", "role_definition_resource_id")
"""A second name of an id."""


class Root:
    """What all modules of one configuration share."""

    __slots__ = (
        "budget",
        "folders",
        "key",
        "linked",
        "names",
        "read",
        "subscription",
        "templates",
        "top",
        "worlds",
    )

    def __init__(
        self,
        path: str,
        worlds: Worlds,
        budget: Budget,
        subscription: Part | None,
        read: Callable[[str], Document | None],
        names: Callable[[str], Sequence[str]],
    ) -> None:
        """Stand for the configuration in `path`."""
        self.key = ("configuration", path)
        self.worlds = worlds
        self.budget = budget
        self.subscription = subscription
        self.folders: dict[str, Folder] = {}
        """The modules that were read, by path."""
        self.top: Module | None = None
        """The module that nobody calls."""
        self.linked: dict[str, dict[tuple[Part, ...], Term]] = {}
        """What subnets have by other resources, in one world; by type and by the subnet's id."""
        self.read = read
        """Reads a text of the project by its path."""
        self.names = names
        """Lists the paths of what is in a folder of the project."""
        self.templates: dict[str, Node] = {}
        """The templates that were read, by path."""


class Expansion:
    """Which instances of a block there are."""

    __slots__ = ("is_settled", "keys", "values", "whole")

    def __init__(
        self,
        keys: tuple[str | int | None, ...] | None,
        values: Mapping[str | int | None, Term],
        whole: Term,
    ) -> None:
        """Hold the keys in order, with what `each.value` is for each."""
        self.keys = keys
        """None while it is not known; one None key stands for the one instance of a plain block."""
        self.values = values
        self.whole = whole
        """What decides it."""
        self.is_settled = keys is not None and not whole.rests_on_decisions
        """Whether it is the same in all worlds."""


_ONE: Final[Expansion] = Expansion((None,), {None: ABSENT_TERM}, ABSENT_TERM)

OPEN_KEY: Final = ""
"""The key of the one instance that stands for those of which the keys are not known."""


class Calls(Protocol):
    """Finds the folder of a module that another one calls."""

    def __call__(self, module: Module, name: str, /) -> Folder | None:
        """Give the folder; None when it is not here."""
        ...


class Module(HclEvaluator):
    """One instance of a module."""

    def __init__(
        self,
        folder: Folder,
        root: Root,
        calls: Calls,
        *,
        path: tuple[str, ...] = (),
        arguments: Mapping[str, Callable[[], Term]] | None = None,
        exists: Callable[[], Truth] = always,
        caller: Module | None = None,
        uses: tuple[Place, ...] = (),
        providers: Mapping[str, tuple[Module, str]] | None = None,
    ) -> None:
        """Evaluate `folder`; `path` is the address of the call, empty for the root."""
        super().__init__(root.worlds, root.budget)
        self.folder = folder
        self.root = root
        self.calls = calls
        self.path = path
        self.arguments = arguments or {}
        self.exists = exists
        self.caller = caller
        self.uses = uses
        """The blocks that call it, from the inside out."""
        self.providers = providers or {}
        """Which provider of which module the names of providers stand for."""

        self.key: Hashable = (root.key, path)
        self._kept: dict[Hashable, Term] = {}
        self._kept_here: dict[Hashable, Term] = {}
        self._turn = root.worlds.turn
        self._active: set[Hashable] = set()
        self._children: dict[tuple[str, str | int | None], Module | None] = {}
        self._expansions: dict[Hashable, Expansion] = {}
        self._linked_turn = root.worlds.turn
        root.folders[folder.path] = folder
        if caller is None:
            root.top = self

    def callers(self) -> Iterator[Module]:
        """Yield this module, and those that call it, from the inside out."""
        here: Module | None = self
        while here is not None:
            yield here
            here = here.caller

    def address(self, rest: str) -> str:
        """Give the address of something in this module, as Terraform writes it."""
        return ".".join([*(f"module.{p}" for p in self.path), rest])

    # Values that are kept

    def _once(self, key: Hashable, shown: str, work: Callable[[], Term]) -> Term:
        if self._turn != self.worlds.turn:
            self._turn = self.worlds.turn
            self._kept_here = {}
        kept = self._kept.get(key) or self._kept_here.get(key)
        if kept is not None:
            return kept
        if key in self._active:
            symbol = Symbol(("circle", self.key, key), shown)
            return unknown("invalid", f"'{shown}' refers to itself", symbol)
        self._active.add(key)
        try:
            term = work()
        finally:
            self._active.discard(key)
        if term.reason is not None and term.reason.kind == "limit":
            # How deep it was asked for is no part of it.
            return term
        kept_in = self._kept_here if term.rests_on_decisions else self._kept
        kept_in[key] = term
        return term

    # Names

    def named(self, word: str, path: Sequence[Term]) -> tuple[Term, int]:
        """Give what a name stands for."""
        first = str(path[0].data) if path and isinstance(path[0].data, str) else None
        if first is None:
            raise Refused(f"there is no '{word}' here")
        if word == "var":
            return self.variable(first), 1
        if word == "local":
            return self.local(first), 1
        if word == "module":
            return self._once(("module", first), f"module.{first}", lambda: self._called(first)), 1
        if word == "path":
            return self._path(first), 1
        if word in {"terraform", "tofu"}:
            shown = f"{word}.{first}"
            symbol = Symbol(("workspace", self.root.key, first), shown)
            return unknown("parameter", f"{shown} is not known here", symbol), 1
        if word == "data":
            if len(path) > 1 and isinstance(path[1].data, str):
                return self.resource("data", first, path[1].data), 2
            raise Refused("a data source has a type and a name")
        if word in {"each", "count", "self"}:
            raise Refused(f"there is no '{word}' here")
        return self.resource("resource", word, first), 1

    def _path(self, name: str) -> Term:
        if name == "module":
            return Term(_relative(self.folder.path, str(self.root.key[1])))
        if name == "root":
            return Term(".")
        symbol = Symbol(("path", self.root.key, name), f"path.{name}")
        return unknown("parameter", f"path.{name} is not known here", symbol)

    def variable(self, name: str) -> Term:
        """Give a variable's argument or default, or what it could be."""
        return self._once(("var", name), f"var.{name}", lambda: self._variable(name))

    def _variable(self, name: str) -> Term:
        statement = self.folder.variables.get(name)
        given = self.arguments.get(name)
        shown = f"var.{name}"
        symbol = Symbol(("parameter", self.key, name), shown)
        if statement is None:
            if given is not None:
                return given()
            return self._undeclared(f"there is no variable '{name}'", symbol)
        body = statement.block.body
        frame = Frame(statement.document, {}, "default")
        default_node = body.value("default")
        type_node = body.value("type")
        argument = given() if given is not None else ABSENT_TERM
        # Of several files of values, the one in question need not give it.
        term = argument if not argument.is_absent else None
        missed = argument.decisions if argument.is_absent else ()
        nullable = body.value("nullable")
        is_default = term is None
        is_refused = (
            term is not None
            and term.data is None
            and nullable is not None
            and nullable.value is False
        )
        if default_node is not None and (term is None or is_refused):
            term, is_default = self.evaluate(default_node, frame).resting_on(missed), True
        elif term is not None and is_refused:
            text = f"{shown} is given null, which it does not allow"
            return unknown("invalid", text, symbol, term.trace, term.decisions)
        if term is None:
            return self._open_variable(name, statement, symbol).resting_on(missed)
        if type_node is not None:
            try:
                term = shaped(term, type_node, self, seen_from(type_node, frame))
            except (Refused, NotWorkedOut) as problem:
                if term.is_unknown:
                    return term
                text = f"{shown} is given a value of another type: {problem}"
                return unknown("invalid", text, symbol, term.trace, term.decisions)
        return _with_role(term, "default" if is_default else "argument")

    def _undeclared(self, text: str, symbol: Symbol) -> Term:
        """Say that something is not declared; it may be, where a file cannot be read."""
        gap = self.folder.gap()
        return unknown("missing" if gap else "invalid", text + gap, symbol)

    def _open_variable(self, name: str, statement: Statement, symbol: Symbol) -> Term:
        body = statement.block.body
        place = Place(statement.document, statement.block.labels[-1], "default")
        text = f"variable '{name}' has no value here"
        type_node = body.value("type")
        kind = type_node.value if type_node is not None else None
        if kind in {"bool", "number"}:
            symbol = Symbol(symbol.identity, symbol.text, is_text=False)
        options = list(self.allowed(name))
        if kind == "bool":
            options = [Term(data=True), Term(data=False)]
        if len(options) == 1:
            return Term(options[0].data, (place,))
        if not 1 < len(options) <= OPTION_LIMIT:
            return unknown("parameter", text, symbol, (place,))
        decision = Decision(symbol.identity, symbol.text, tuple(o.shown() for o in options))
        choice = self.worlds.choice(decision)
        if choice is None:
            return unknown("parameter", text, symbol, (place,), (decision,))
        return Term(options[choice].data, (place,), decisions=(decision,))

    def allowed(self, name: str) -> tuple[Term, ...]:
        """List the values that `contains([...], var.x)` in a validation lets through."""
        statement = self.folder.variables.get(name)
        blocks = statement.block.body.blocks_of("validation") if statement is not None else ()
        for block in blocks:
            node = block.body.value("condition")
            if node is None or node.kind != "call" or node.value != "contains":
                continue
            options, tested = node.items if len(node.items) == 2 else (node, node)  # noqa: PLR2004
            is_it = tested.kind == "attribute" and tested.items[0].value == "var"
            is_it = is_it and tested.value == name and options.kind == "tuple"
            if is_it and all(o.kind == "literal" for o in options.items):
                return tuple(Term(o.value) for o in options.items)
        return ()

    def local(self, name: str) -> Term:
        """Give a local value."""
        found = self.folder.locals.get(name)
        if found is None and self.folder.broken:
            symbol = Symbol(("local", self.key, name), f"local.{name}")
            return self._undeclared(f"there is no local value '{name}'", symbol)
        if found is None:
            raise Refused(f"there is no local value '{name}'")
        attribute, document = found
        frame = Frame(document, {}, "variable")
        return self._once(
            ("local", name), f"local.{name}", lambda: self.evaluate(attribute.value, frame)
        )

    # Instances

    def expansion(self, statement: Statement) -> Expansion:
        """Say which instances of a block there are in this world."""
        body = statement.block.body
        for word in ("count", "for_each"):
            node = body.value(word)
            if node is not None:
                key = (word, statement.document.path, statement.block.start)
                whole = self._once(
                    key,
                    word,
                    lambda n=node: self.evaluate(n, Frame(statement.document)),  # type: ignore[misc]  # mypy takes no default here
                )
                made = self._expansions.get(key)
                if made is None or made.whole is not whole:
                    made = _counted(whole) if word == "count" else _spread(whole)
                    self._expansions[key] = made
                return made
        return _ONE

    def frame_of(self, statement: Statement, key: str | int | None) -> Frame:
        """Give what one instance of a block sees."""
        frame = Frame(statement.document)
        body = statement.block.body
        if body.value("count") is not None:
            index = Term(key) if isinstance(key, int) else self._open(statement, "count.index")
            return frame.seeing(count=Term(Object([("index", index)])))
        if body.value("for_each") is None:
            return frame
        expansion = self.expansion(statement)
        found = expansion.values.get(key)
        if found is None:
            name, found = self._open(statement, "each.key"), self._open(statement, "each.value")
        else:
            name = Term(key)
        return frame.seeing(each=Term(Object([("key", name), ("value", found)])))

    def _open(self, statement: Statement, shown: str) -> Term:
        identity = ("instance", self.key, statement.document.path, statement.block.start, shown)
        text = "how often this is declared is not known"
        whole = self.expansion(statement).whole
        return unknown("parameter", text, Symbol(identity, shown), decisions=whole.decisions)

    def keys(self, statement: Statement) -> list[str | int | None]:
        """List the instances of a block in all worlds that decisions leave open."""
        found: dict[str | int | None, None] = {}
        taken: list[dict[Hashable, int]] = [{}]
        tried = 0
        # NOTE: rules ask for this too, in the world that they judge.
        here = self.worlds.taken
        try:
            while taken and tried < OPTION_LIMIT:
                world = taken.pop(0)
                tried += 1
                self.worlds.enter(world)
                expansion = self.expansion(statement)
                if expansion.keys is not None:
                    found |= dict.fromkeys(expansion.keys)
                    continue
                fork = next((d for d in expansion.whole.decisions if d.key not in world), None)
                if fork is None:
                    found[OPEN_KEY] = None
                else:
                    taken += [{**world, fork.key: i} for i in range(len(fork.options))]
        finally:
            self.worlds.enter(here)
        if taken:
            found[OPEN_KEY] = None
        return list(found)[:INSTANCE_LIMIT]

    def existence(self, statement: Statement, key: str | int | None) -> Callable[[], Truth]:
        """Give the question whether one instance is there in the world being judged."""
        expansion = self.expansion(statement)
        if key is None or (key in expansion.values and expansion.is_settled):
            return self.exists

        def exists() -> Truth:
            expansion = self.expansion(statement)
            if expansion.keys is not None:
                own = TRUE if key in expansion.keys or key == OPEN_KEY else FALSE
            elif expansion.whole.decisions:
                reason = expansion.whole.reason or Reason("parameter", "it is not known")
                own = Truth(None, (reason,), expansion.whole.decisions)
            else:
                own = TRUE
            return own if own.known is False else self.exists() & own

        return exists

    def _instances(self, statement: Statement, one: Callable[[str | int | None], Term]) -> Term:
        """Give what a name of a block stands for: one thing, a list, or a map."""
        expansion = self.expansion(statement)
        if expansion.keys is None:

            def any_one(name: str) -> Term:
                keys: dict[str, str | int] = {str(k): k for k in self._all_keys(statement)}
                return one(keys.get(name, int(name) if name.isdigit() else OPEN_KEY))

            whole = expansion.whole
            return Term(OpenInstances(any_one, whole), decisions=whole.decisions)
        decisions = expansion.whole.decisions
        if statement.block.body.value("count") is not None:
            return Term([one(k) for k in expansion.keys], decisions=decisions)
        if statement.block.body.value("for_each") is not None:
            return Term(
                Object((str(k), one(k)) for k in expansion.keys if k is not None),
                decisions=decisions,
            )
        return one(None)

    def _all_keys(self, statement: Statement) -> list[str | int]:
        expansion = self.expansion(statement)
        return [k for k in expansion.keys or () if k is not None]

    # Modules

    def _called(self, name: str) -> Term:
        statement = self.folder.modules.get(name)
        if statement is None and self.folder.broken:
            symbol = Symbol(("module", self.key, name), f"module.{name}")
            return self._undeclared(f"there is no module '{name}'", symbol)
        if statement is None:
            raise Refused(f"there is no module '{name}'")

        def one(key: str | int | None) -> Term:
            return Term(LazyObject(lambda output: self._output(name, key, output)))

        return self._instances(statement, one)

    def _output(self, name: str, key: str | int | None, output: str) -> Term:
        child = self.child(name, key)
        shown = f"module.{name}.{output}"
        if child is None:
            symbol = Symbol(("output", self.key, name, key, output), shown)
            return unknown("missing", f"{shown} is of a module that is not read", symbol)
        statement = child.folder.outputs.get(output)
        node = statement.block.body.value("value") if statement is not None else None
        if statement is None or node is None:
            symbol = Symbol(("output", self.key, name, key, output), shown)
            return child._undeclared(  # noqa: SLF001  # of the same class
                f"the module '{name}' has no output '{output}'", symbol
            )
        frame = Frame(statement.document, {}, "variable")
        found = node
        return child._once(  # noqa: SLF001  # of the same class
            ("output", output), shown, lambda: child.evaluate(found, frame)
        )

    def child(self, name: str, key: str | int | None) -> Module | None:
        """Give one instance of a module that this one calls; None when it is not read."""
        if (name, key) not in self._children:
            self._children[name, key] = self._child(name, key)
        return self._children[name, key]

    def _child(self, name: str, key: str | int | None) -> Module | None:
        statement = self.folder.modules[name]
        folder = self.calls(self, name)
        if folder is None:
            return None
        frame = self.frame_of(statement, key)
        label = statement.block.labels[0]
        arguments: dict[str, Callable[[], Term]] = {}
        for argument, attribute in statement.block.body.attributes.items():
            if argument not in {
                "source",
                "version",
                "count",
                "for_each",
                "providers",
                "depends_on",
            }:
                arguments[argument] = _argument(self, attribute, frame)
        providers: dict[str, tuple[Module, str]] = {}
        given = statement.block.body.value("providers")
        if given is not None and given.kind == "object":
            for inner, outer in zip(given.items[::2], given.items[1::2], strict=True):
                providers[_dotted(inner)] = (self, _dotted(outer))
        return Module(
            folder,
            self.root,
            self.calls,
            path=(*self.path, f"{name}{suffix(key)}"),
            arguments=arguments,
            exists=self.existence(statement, key),
            caller=self,
            uses=(Place(statement.document, Span(label.start, label.end)), *self.uses),
            providers=providers,
        )

    # Resources

    def resource(self, mode: str, type_: str, name: str) -> Term:
        """Give what the name of a resource stands for."""
        statement = self.folder.resources.get((mode, type_, name))
        shown = f"{type_}.{name}" if mode == "resource" else f"data.{type_}.{name}"
        if statement is None:
            symbol = Symbol(("undeclared", self.key, mode, type_, name), shown)
            return self._undeclared(f"{shown} is not declared", symbol)

        def one(key: str | int | None) -> Term:
            return Term(LazyObject(lambda attribute: self.attribute(statement, key, attribute)))

        key = ("resource", mode, type_, name)
        return self._once(key, shown, lambda: self._instances(statement, one))

    def attribute(self, statement: Statement, key: str | int | None, name: str) -> Term:
        """Give one attribute of one instance."""
        shown = f"{shown_of(statement)}{suffix(key)}.{name}"
        return self._once(
            ("attribute", statement.document.path, statement.block.start, key, name),
            shown,
            lambda: self._attribute(statement, key, name, shown),
        )

    def _attribute(
        self, statement: Statement, key: str | int | None, name: str, shown: str
    ) -> Term:
        block, frame = statement.block, self.frame_of(statement, key)
        type_ = str(block.labels[0].value)
        is_data = block.type.value == "data"
        if name == "id" or (type_, name) == _ID_OF_ROLE:
            return self.id_term(statement, key)
        attribute = block.body.attributes.get(name)
        if attribute is not None:
            term = self.evaluate(attribute.value, frame)
            if term.data is not None:
                return term
        elif not is_data:
            blocks = self.blocks(block.body, name, frame)
            if isinstance(blocks, list) and blocks:
                return Term([Term(LazyObject(_block_member(self, b, f, shown))) for b, f in blocks])
        is_own = type_ in {"azurerm_subscription", "azurerm_client_config"}
        if is_data and is_own and name == "subscription_id":
            return self._text((self.subscription(statement),))
        identity: Hashable = (self.key, statement.document.path, block.start, key)
        if is_data:
            found = self.resource_id(statement, key)
            if found is not None:
                # Whoever asks for the same resource is given the same.
                identity = found.key
                shown = f"data.{type_}[{found.shown_name.lower()}].{name}"
        symbol = Symbol(("attribute", identity, name), shown)
        return unknown("runtime", f"{shown} is known when it is applied", symbol)

    def blocks(self, body: Body, name: str, frame: Frame) -> list[tuple[Body, Frame]] | Term:
        """List the blocks of a type, dynamic ones with what they see; a term when it is open."""
        found: list[tuple[Body, Frame]] = []
        for block in body.blocks:
            if block.type.value == name:
                found.append((block.body, inside_of(block.body, frame)))
            elif block.type.value == "dynamic" and block.label == name:
                each, content = block.body.value("for_each"), block.body.blocks_of("content")
                if each is None or not content:
                    continue
                own = inside_of(block.body, frame)
                whole = self.evaluate(each, own)
                if whole.is_unknown or (isinstance(whole.data, Object) and whole.data.is_lazy):
                    return whole
                iterator = block.body.value("iterator")
                label = str(iterator.value) if iterator is not None else name
                for key, value in elements(whole) if whole.data is not None else ():
                    of = Object([("key", key), ("value", value)])
                    found.append((content[0].body, own.seeing(**{label: Term(of)})))
        return found

    # Ids

    def subscription(self, statement: Statement) -> Part:
        """Give the subscription to which a resource goes."""
        chosen = statement.block.body.value("provider")
        provider = str(statement.block.labels[0].value).partition("_")[0]
        name = _dotted(chosen) if chosen is not None else provider
        return self.provider_subscription(name)

    def provider_subscription(self, name: str) -> Part:
        """Give the subscription of a provider, followed to the module that configures it."""
        if name in self.providers:
            module, outer = self.providers[name]
            return module.provider_subscription(outer)
        if self.caller is not None and "." not in name:
            return self.caller.provider_subscription(name)
        provider, _, alias = name.partition(".")
        statement = self.folder.providers.get((provider, alias))
        node = statement.block.body.value("subscription_id") if statement is not None else None
        if statement is not None and node is not None:
            term = self.evaluate(node, Frame(statement.document))
            if term.is_unknown or isinstance(term.data, str):
                parts = term.text_parts
                if len(parts) == 1:
                    return parts[0]
        if not alias and self.root.subscription is not None:
            return self.root.subscription
        shown = "the subscription" if not alias else f"the subscription of {name}"
        return Symbol(("subscription", self.root.key, alias), shown)

    @staticmethod
    def _text(parts: tuple[Part, ...]) -> Term:
        whole = text_of(parts)
        if all(isinstance(p, str) for p in whole):
            return Term("".join(str(p) for p in whole))
        symbol = next(p for p in whole if isinstance(p, Symbol))
        reason = Reason("parameter", f"{symbol.text} is not known before deployment")
        return Term(UNKNOWN, reason=reason, parts=whole)

    def id_term(self, statement: Statement, key: str | int | None) -> Term:
        """Give the id of an instance, as far as it is known."""
        found = self.resource_id(statement, key)
        if found is not None:
            return self._text(found.parts)
        shown = f"{shown_of(statement)}{suffix(key)}.id"
        identity = ("id of", self.key, statement.document.path, statement.block.start, key)
        symbol = Symbol(identity, shown)
        return unknown("runtime", f"{shown} is known when it is applied", symbol)

    def resource_id(self, statement: Statement, key: str | int | None) -> ResourceId | None:
        """Make the id of an instance; None for a type of which ids are not known."""
        block = statement.block
        type_ = str(block.labels[0].value)
        if block.type.value == "data" and type_ == "azurerm_subscription":
            given = self._argument_parts(statement, key, "subscription_id")
            return ResourceId(("/subscriptions/", *(given or (self.subscription(statement),))))
        return made_id(
            type_,
            lambda name: self._argument_parts(statement, key, name),
            self.subscription(statement),
            (self.key, statement.document.path, block.start, key),
        )

    def _argument_parts(
        self, statement: Statement, key: str | int | None, name: str
    ) -> tuple[Part, ...] | None:
        attribute = statement.block.body.attributes.get(name)
        if attribute is None:
            return None
        term = self._once(
            ("argument", statement.document.path, statement.block.start, key, name),
            f"{shown_of(statement)}.{name}",
            lambda: self.evaluate(attribute.value, self.frame_of(statement, key)),
        )
        if term.data is None or isinstance(term.data, (list, Object)):
            return None
        return hcl_values.spelled(term).text_parts or None

    def link(self, subnet: ResourceId, route: Route) -> Term | None:
        """Find what another resource says that a subnet has; None when nothing says so."""
        link = SUBNET_LINKS[route[0]]
        top = self.root.top or self
        return top.links(link.type, link.argument).get(subnet.key)

    def links(self, type_: str, argument: str) -> Mapping[tuple[Part, ...], Term]:
        """List what the resources of a type say that subnets have, in all modules."""
        if self._linked_turn != self.worlds.turn:
            self.root.linked = {}
        if type_ not in self.root.linked:
            made: dict[tuple[Part, ...], Term] = {}
            for module in self.family():
                for key, term in module._links(type_, argument):  # noqa: SLF001  # of the same class
                    if key not in made or not term.is_absent:
                        made[key] = term
            self.root.linked[type_] = made
            self._linked_turn = self.worlds.turn
        return self.root.linked[type_]

    def family(self) -> Iterator[Module]:
        """Yield this module and those that it calls."""
        yield self
        for name, statement in self.folder.modules.items():
            for key in self.keys(statement):
                child = self.child(name, key)
                if child is not None:
                    yield from child.family()

    def _links(self, type_: str, argument: str) -> Iterator[tuple[tuple[Part, ...], Term]]:
        for name in self.folder.by_type.get(type_, ()):
            statement = self.folder.resources["resource", type_, name]
            of, what = (statement.block.body.value(n) for n in ("subnet_id", argument))
            if of is None or what is None:
                continue
            for key in self.keys(statement):
                frame = self.frame_of(statement, key)
                verdict = self.existence(statement, key)()
                found = self.evaluate(what, frame)
                if verdict.known is False:
                    found = ABSENT_TERM
                elif verdict.known is None:
                    shown = f"{shown_of(statement)}{suffix(key)}"
                    symbol = Symbol(("link", self.key, shown), shown)
                    reason = verdict.reasons[0]
                    found = unknown(
                        reason.kind, reason.text, symbol, found.trace, verdict.decisions
                    )
                # In another world it may be otherwise.
                found = found.resting_on(self.expansion(statement).whole.decisions)
                yield ResourceId(self.evaluate(of, frame).text_parts).key, found

    # Functions that read files

    def reading(self, name: str, arguments: Sequence[Term]) -> Term | None:
        """Call a function that reads a file of the project; None for what is not here."""
        from azmlint.sources import terraform_files  # noqa: PLC0415  # it needs modules, too

        return terraform_files.call(self, name, arguments)


def inside_of(body: Body, frame: Frame) -> Frame:
    """Give what the expressions of a block see, also when it stands in another text."""
    return Frame(body.document, frame.names, frame.role) if body.document is not None else frame


def _block_member(module: Module, body: Body, frame: Frame, shown: str) -> Callable[[str], Term]:
    def find(name: str) -> Term:
        node = body.value(name)
        if node is not None:
            return module.evaluate(node, frame)
        blocks = module.blocks(body, name, frame)
        if isinstance(blocks, list) and blocks:
            inner = f"{shown}.{name}"
            return Term([Term(LazyObject(_block_member(module, b, f, inner))) for b, f in blocks])
        symbol = Symbol(
            ("attribute", module.key, frame.document.path, body.start, name), f"{shown}.{name}"
        )
        return unknown("runtime", f"{shown}.{name} is known when it is applied", symbol)

    return find


def shown_of(statement: Statement) -> str:
    """Give the address of a block within its module, without an instance."""
    type_, name = (str(n.value) for n in statement.block.labels)
    return f"{type_}.{name}" if statement.block.type.value == "resource" else f"data.{type_}.{name}"


def suffix(key: str | int | None) -> str:
    """Write the key of an instance as an address has it."""
    if key is None:
        return ""
    if isinstance(key, int):
        return f"[{key}]"
    return f'["{key}"]' if key else "[?]"


def environment_value(module: Module, name: str, text: str) -> Term:
    """Read what the environment gives to a variable: a text, or an expression for other types."""
    statement = module.folder.variables.get(name)
    type_ = statement.block.body.value("type") if statement is not None else None
    if type_ is None or (type_.kind == "name" and type_.value in {"string", "number", "bool"}):
        return Term(text)
    try:
        node = hcl.parse_expression(text)
        term = module.evaluate(node, Frame(Document(f"TF_VAR_{name}", text)))
        # There is no file to which its places could lead.
        return known(plain(term))
    except (SyntaxProblem, NotWorkedOut, Refused):
        symbol = Symbol(("environment", module.key, name), f"TF_VAR_{name}")
        return unknown("invalid", f"TF_VAR_{name} is no value of Terraform", symbol)


def _argument(module: Module, attribute: Attribute, frame: Frame) -> Callable[[], Term]:
    inner = Frame(frame.document, frame.names, "argument")

    def argument() -> Term:
        return module.evaluate(attribute.value, inner)

    return argument


def _dotted(node: Node) -> str:
    if node.kind == "attribute":
        return f"{_dotted(node.items[0])}.{node.value}"
    return str(node.value)


def _counted(whole: Term) -> Expansion:
    if whole.is_unknown:
        return Expansion(None, {}, whole)
    try:
        count = hcl_values.number(whole.data) if whole.data is not None else 0
    except Refused:
        count = None
    if not isinstance(count, int):
        symbol = Symbol(("count", object()), "count")
        text = f"'count' would be refused: {whole.shown() or 'it'} is no whole number"
        return Expansion(None, {}, unknown("invalid", text, symbol, decisions=whole.decisions))
    keys = tuple(range(min(max(count, 0), INSTANCE_LIMIT)))
    return Expansion(keys, dict.fromkeys(keys, ABSENT_TERM), whole)


def _spread(whole: Term) -> Expansion:
    data = whole.data
    if whole.is_unknown:
        return Expansion(None, {}, whole)
    if isinstance(data, Object) and not data.is_lazy and data.is_listed:
        return Expansion(tuple(hcl_values.ordered(data)), dict(data.items()), whole)
    if isinstance(data, list) and all(isinstance(i.data, str) for i in data):
        values: dict[str | int | None, Term] = {str(i.data): i for i in data}
        return Expansion(tuple(sorted(str(i.data) for i in data)), values, whole)
    if data is None:
        return Expansion((), {}, whole)
    return Expansion(None, {}, whole)


def _with_role(term: Term, role: str) -> Term:
    if not term.trace or term.trace[0].role != "use":
        return term
    first, *rest = as_origin(term).trace
    return Term(
        term.data,
        (first.as_role(role), *rest),
        reason=term.reason,
        parts=term.parts,
        decisions=term.decisions,
        is_literal=term.is_literal,
    )


def _relative(path: str, base: str) -> str:
    if path == base:
        return "."
    if not base:
        return path
    if path.startswith(f"{base}/"):
        return path[len(base) + 1 :]
    mine, theirs = path.split("/"), base.split("/")
    while mine and theirs and mine[0] == theirs[0]:
        mine.pop(0)
        theirs.pop(0)
    return "/".join([*[".."] * len(theirs), *mine])
