"""The YAML files of `az ml`: computes, online deployments, workspaces, jobs with an identity."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from azmlint.expressions.term import ABSENT_TERM, Object, Symbol, Term
from azmlint.location import Place, Span
from azmlint.model.ids import ResourceId
from azmlint.model.resources import (
    ComputeCluster,
    ComputeInstance,
    Job,
    KubernetesCompute,
    OnlineDeployment,
    Workspace,
)
from azmlint.model.value import NotEditable, Removed
from azmlint.sources import placeholder, yaml
from azmlint.sources.document import Problem, Reading, SyntaxProblem

if TYPE_CHECKING:
    from azmlint.expressions.term import Part
    from azmlint.location import Document, Edit
    from azmlint.model.resource import Resource
    from azmlint.model.resources import Compute
    from azmlint.model.value import Route
    from azmlint.sources.document import Context
    from azmlint.sources.yaml import Use, YamlNode

_SCHEMA = re.compile(r"/(\w+)(?:\.schema)?\.json\s*$")
_COMPUTES: Final[dict[str, type[Compute]]] = {
    "amlcompute": ComputeCluster,
    "computeinstance": ComputeInstance,
    "kubernetes": KubernetesCompute,
    "kubernetescompute": KubernetesCompute,
}
_DEPLOYMENT: Final = "managedonlinedeployment"
_DEPLOYMENT_KEYS: Final = frozenset({"name", "endpoint_name", "instance_type", "instance_count"})
_JOBS: Final = frozenset({"command", "sweep", "spark"})
_WORKSPACES: Final = frozenset({"workspace", "hub", "project", "featurestore"})
_COMPUTE_KEYS: Final = frozenset(
    {
        "size",
        "min_instances",
        "max_instances",
        "tier",
        "scale_settings",
        "idle_time_before_scale_down",
        "idle_time_before_shutdown_minutes",
        "network_settings",
        "ssh_public_access_enabled",
        "enable_node_public_ip",
    }
)
_COMMON_KEYS: Final = frozenset(
    {"$schema", "name", "type", "description", "tags", "location", "identity", "properties"}
)
_WORKSPACE_KEYS: Final = frozenset(
    {
        "storage_account",
        "key_vault",
        "container_registry",
        "application_insights",
        "hbi_workspace",
        "public_network_access",
        "managed_network",
        "image_build_compute",
        "serverless_compute",
        "primary_user_assigned_identity",
    }
)


def read(document: Document, context: Context) -> Reading:
    """Read every compute, deployment and workspace of a YAML text, and jobs with an identity."""
    reading = Reading()
    try:
        roots = yaml.parse(document)
    except SyntaxProblem as problem:
        reading.problems.append(problem.of(document))
        return reading
    for index, root in enumerate(roots):
        if root.kind != "map":
            continue
        if _is_pipeline(root):
            _read_steps(document, root, context, f"/{index}" if len(roots) > 1 else "", reading)
            continue
        kind = Job if _is_job(root) else _kind(root)
        if kind is None:
            continue
        if root.refused is not None:
            reading.problems.append(root.refused.of(document))
            continue
        address = f"/{index}" if len(roots) > 1 else ""
        reading.resources.append(_resource(kind, document, root, context, address))
        for name in yaml.overridden(root):
            message = f"'{name.value}' is written twice; only the last one counts"
            reading.problems.append(Problem(document, name.start, name.end, None, message))
    return reading


def declared(document: Document) -> tuple[YamlBody, type[Resource] | None] | Problem | None:
    """Read the one thing that a file declares for a command that is given the file."""
    try:
        roots = yaml.parse(document)
    except SyntaxProblem as problem:
        return problem.of(document)
    root = roots[0] if roots else None
    if root is None or root.kind != "map":
        return None
    if root.refused is not None:
        return root.refused.of(document)
    written = (_text(root, "type") or "").lower().replace("_", "")
    return YamlBody(document, root), _kind(root) or _COMPUTES.get(written)


def _stem(root: YamlNode) -> str:
    """Give the schema that a file names, without its folder and its ends."""
    match = _SCHEMA.search(_text(root, "$schema") or "")
    return match[1].lower() if match is not None else ""


def _is_job(root: YamlNode) -> bool:
    """Whether it is a job that says with which identity it runs; of others nothing is judged."""
    written = (_text(root, "type") or "").lower()
    return (_stem(root).removesuffix("job") or written) in _JOBS and root.get(
        "identity"
    ) is not None


def _is_pipeline(root: YamlNode) -> bool:
    written = _text(root, "type") or ""
    return (_stem(root) or f"{written.lower()}job") == "pipelinejob"


def _read_steps(
    document: Document, root: YamlNode, context: Context, address: str, reading: Reading
) -> None:
    """Read the steps of a pipeline that say with which identity they run."""
    steps = root.get("jobs")
    if steps is None or steps.node.kind != "map":
        return
    if root.refused is not None:
        reading.problems.append(root.refused.of(document))
        return
    for name, use in steps.node.pairs:
        if use.node.kind == "map" and _is_step(use.node):
            step = _resource(Job, document, use.node, context, f"{address}/{name.value}", name)
            reading.resources.append(step)


def _is_step(node: YamlNode) -> bool:
    written = (_text(node, "type") or "command").lower()
    return written in _JOBS and node.get("identity") is not None


def _kind(root: YamlNode) -> type[Resource] | None:
    schema = _text(root, "$schema")
    stem = _stem(root)
    written = (_text(root, "type") or "").lower().replace("_", "")
    keys = {name.value for name, _ in root.pairs}
    if stem in _COMPUTES or stem == "compute":
        return _COMPUTES.get(written) or (None if written else _COMPUTES.get(stem))
    if stem in _WORKSPACES:
        return Workspace
    if stem == _DEPLOYMENT or (schema is None and keys >= _DEPLOYMENT_KEYS):
        # One on Kubernetes takes no quota, and nothing else is judged of deployments.
        return OnlineDeployment if written in {"", "managed"} else None
    if schema is not None and stem and "azureml" in schema and stem not in _COMPUTES:
        return None
    if written in _COMPUTES and "name" in keys:
        kind = _COMPUTES[written]
        if kind is KubernetesCompute:
            return kind if "resource_id" in keys or "namespace" in keys else None
        is_one = keys & _COMPUTE_KEYS or keys <= _COMMON_KEYS or len(keys) <= 4  # noqa: PLR2004  # too few to tell it from a compute
        return kind if is_one else None
    if schema is None and "name" in keys and len(keys & _WORKSPACE_KEYS) >= 2:  # noqa: PLR2004  # one alone is too common a word
        return Workspace
    return None


def _resource(
    kind: type[Resource],
    document: Document,
    root: YamlNode,
    context: Context,
    address: str,
    key: YamlNode | None = None,
) -> Resource:
    """Make a resource of what stands at `root`, which has its name there or as its `key`."""
    body = YamlBody(document, root)
    name_term = body.at(("name",))
    if key is not None:
        name_term = Term(str(key.value), (Place(document, key),))
    grip = name_term.trace[0] if name_term.trace else _header(document, root)
    name_parts: tuple[Part, ...] = name_term.text_parts or (
        Symbol(("name of", document.path, root.start), "name"),
    )
    shown = name_term.shown() or "(no name)"
    binding = context.binding(document.path)
    subscription: Part = binding.subscription or Symbol(
        ("subscription of", document.path), "the subscription"
    )
    group: Part = binding.resource_group or Symbol(
        ("group of", document.path), "the resource group"
    )
    parts: tuple[Part, ...] = (
        "/subscriptions/",
        subscription,
        "/resourceGroups/",
        group,
        "/providers/Microsoft.MachineLearningServices/workspaces/",
    )
    if kind is not Workspace:
        workspace: Part = binding.workspace or Symbol(
            ("workspace of", document.path), "the workspace"
        )
        parts = (*parts, workspace)
        if kind is OnlineDeployment:
            parts += _under(document, body)
        else:
            parts += ("/jobs/" if kind is Job else "/computes/",)
    return kind(
        body,
        name=shown,
        resource_id=ResourceId((*parts, *name_parts)),
        grip=grip,
        address=address,
    )


def _under(document: Document, body: YamlBody) -> tuple[Part, ...]:
    """Say of which endpoint a deployment is; a command may name it instead."""
    endpoint: tuple[Part, ...] = body.at(("endpoint_name",)).text_parts or (
        Symbol(("endpoint of", document.path), "the endpoint"),
    )
    return ("/onlineEndpoints/", *endpoint, "/deployments/")


def _header(document: Document, root: YamlNode) -> Place:
    first = root.pairs[0][0] if root.pairs else root
    return Place(document, Span(first.start, first.end))


def _text(root: YamlNode, key: str) -> str | None:
    use = root.get(key)
    value = use.node.value if use is not None else None
    return value if isinstance(value, str) else None


class YamlBody:
    """One thing as its YAML map states it."""

    __slots__ = ("_collections", "document", "root")

    dialect = "cli"

    def __init__(self, document: Document, root: YamlNode) -> None:
        """Read from `root`."""
        self.document = document
        self.root = root
        # A node that is used many times over aliases is turned into a term once.
        self._collections: dict[int, Object | list[Term]] = {}

    def at(self, route: Route) -> Term:
        """Evaluate what stands at `route`; a template hole is unknown."""
        use = self._use(route)
        return ABSENT_TERM if use is None else self._term(use)

    def _use(self, route: Route) -> Use | None:
        node, use = self.root, None
        indirect: Use | None = None
        for key in route:
            use = node.get(key)
            if use is None:
                return None
            if use.is_indirect and indirect is None:
                indirect = use
            node = use.node
        if use is not None and indirect is not None and not use.is_indirect:
            return yaml.Use(use.node, indirect.start, indirect.end)
        return use

    def _term(self, use: Use) -> Term:
        node = use.node
        trace: tuple[Place, ...]
        if use.is_indirect:
            trace = (
                Place(self.document, Span(use.start, use.end)),
                Place(self.document, node, "variable"),
            )
        else:
            trace = (Place(self.document, node),)
        if node.kind != "scalar":
            return Term(self._collection(node), trace)
        written = self.document.text[node.start : node.end].strip("'\"")
        if placeholder.is_filled_in(written):
            return placeholder.term_of(written, trace)
        return Term(node.value, trace, is_literal=True)  # type: ignore[arg-type]  # a scalar's value

    def _collection(self, node: YamlNode) -> Object | list[Term]:
        made = self._collections.get(id(node))
        if made is not None:
            return made
        if node.kind == "list":
            made = [self._term(item) for item in node.items]
        else:
            made = Object()
            for name, inner in node.pairs:
                key = str(name.value)
                made[key] = self._term(inner)
                made.keys_at[key] = Term(key, (Place(self.document, name),), is_literal=True)
        self._collections[id(node)] = made
        return made

    def edits(self, route: Route, term: Term, new: object) -> tuple[Edit, ...]:
        """Spell a change as text."""
        if isinstance(new, Removed):
            parent = self._parent(route)
            return (yaml.remove(self.document, parent, route[-1]),)
        if term.is_absent:
            return (self._insertion(route, new),)
        use = self._use(route)
        if use is None or term.is_unknown:
            message = "the value is filled in before deployment"
            raise NotEditable(message)
        return (yaml.replace(self.document, use.node, new),)

    def _parent(self, route: Route) -> YamlNode:
        use = self._use(route[:-1]) if len(route) > 1 else None
        if len(route) > 1 and use is None:
            message = f"'{route[-1]}' is not written here"
            raise NotEditable(message)
        return use.node if use is not None else self.root

    def _insertion(self, route: Route, new: object) -> Edit:
        for depth in range(len(route) - 1, -1, -1):
            if depth == 0:
                return yaml.insert(self.document, self.root, route, new)
            use = self._use(route[:depth])
            if use is not None:
                return yaml.insert(self.document, use.node, route[depth:], new)
        raise NotEditable  # pragma: no cover  # the loop ends at depth 0
