"""Put made-up names and numbers in the place of real ones, the same everywhere."""

from __future__ import annotations

import hashlib
import re
import uuid
from typing import TYPE_CHECKING, Any, Final

from azmlint.data.roles import BUILT_IN
from azmlint.model.facet import Facet
from azmlint.sources.snapshot import Answer, snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from azmlint.sources.snapshot import Snapshot

MASKED: Final = "(masked)"

_GUID: Final = re.compile(
    # Names of Azure Batch go on right after it, with a letter that could be one more digit.
    r"(?<![0-9a-f])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}(?![0-9a-f]))",
    re.IGNORECASE,
)
_ID: Final = re.compile(
    r"/(?:subscriptions|resourceGroups|providers)/[^\s\"'?#,;<>|]*", re.IGNORECASE
)
"""An id of Azure Resource Manager, alone or inside a text."""

_TYPE: Final = re.compile(r"Microsoft\.[A-Za-z.]+(?:/[A-Za-z0-9.*\[\]-]+)*", re.IGNORECASE)
"""A resource type, an alias of policies, or an action of roles."""

_BATCH: Final = re.compile(r"-?azurebatch-", re.IGNORECASE)
"""What Azure Batch puts into the names of its objects, by which rules tell them."""

_ZONE: Final = re.compile(r"privatelink\.", re.IGNORECASE)
"""What the private DNS zones of Azure's services begin with."""

_NAMED_ALIKE: Final = frozenset(
    {
        *("gatewaysubnet", "azurefirewallsubnet", "azurebastionsubnet", "routeserversubnet"),
        *("azurefirewallmanagementsubnet", "azurebackupprotectionlock", "default", "current"),
        *("workspaceblobstore", "workspacefilestore", "workspaceartifactstore"),
        "workspaceworkingdirectory",
    }
)
"""Names that Azure gives and that mean the same everywhere."""

_ENVIRONMENTS: Final = frozenset(
    {
        *("prod", "production", "prd", "live", "stage", "staging", "test", "testing", "qa", "uat"),
        *("dev", "development", "sandbox", "true", "false", "yes", "no", ""),
    }
)
"""Values of tags that name nobody, and by which configurations tell what is production."""

_FREE_TEXT: Final = frozenset(
    {
        *("notes", "description", "displayname", "friendlyname", "message", "comment", "comments"),
        *("denyassignmentname", "rolename", "username", "adminusername", "fqdn", "domainnamelabel"),
        *(
            "reversefqdn",
            "justification",
            "publishername",
            "billedto",
            "nickname",
            "filterexpression",
        ),
    }
)
"""Names of which the text says what people want; no rule reads it."""

_VERBATIM: Final = frozenset(
    {
        *("type", "kind", "location", "computelocation", "region", "locations", "vmsize", "tier"),
        *("vmpriority", "state", "status", "provisioningstate", "allocationstate", "level", "mode"),
        *("action", "actions", "notactions", "dataactions", "notdataactions", "effect", "access"),
        *("protocol", "direction", "nexthoptype", "addressprefix", "addressprefixes", "apiversion"),
        *("sourceaddressprefix", "sourceaddressprefixes", "destinationaddressprefix", "ostype"),
        *("destinationaddressprefixes", "sourceportrange", "sourceportranges", "code", "cloud"),
        *("destinationportrange", "destinationportranges", "computetype", "isolationmode"),
        *("publicnetworkaccess", "credentialstype", "datastoretype", "systemdatastoresauthmode"),
        *("principaltype", "enforcementmode", "policytype", "groupids", "field", "createdat"),
        *("lastmodifiedat", "createdon", "modifiedon", "starttime", "endtime", "createdbytype"),
        *("allocationstatetransitiontime", "creationtime", "unit", "family", "registrationstate"),
        *("remoteloginportpublicaccess", "sshpublicaccess", "subresources", "defaultaction"),
        *("bypass", "privateipallocationmethod", "publicipallocationmethod", "category", "version"),
    }
)
"""Names of which the text is one of Azure's words, a number or a moment."""

_NAMES: Final = frozenset(
    {
        *("imagebuildcompute", "accountname", "storageaccountname", "containername"),
        *("filesharename", "workspacename", "resourcegroup", "resourcegroupname", "clustername"),
    }
)
"""Names of which the text names a resource without its id."""

_CLIENT: Final = re.compile(r"(?<=client )'[^']*'")
"""Who asked, in what the service says of a refusal."""

_PUBLIC: Final = frozenset(
    {Facet.USAGES, Facet.QUOTAS, Facet.VM_SIZES, Facet.NETWORK_USAGES, Facet.PROVIDER}
)
"""Facets of which the names are Azure's."""

_DEFINITIONS: Final = frozenset({"roledefinitions", "policydefinitions", "policysetdefinitions"})
_NOBODY: Final = "00000000-0000-0000-0000-000000000000"
"""Everyone, in deny assignments."""


def mask(one: Snapshot) -> Snapshot:
    """Give the same snapshot with other names; what rules judge stays as it was.

    Ids of subscriptions, tenants and principals, and names of groups and resources, are replaced
    consistently, by others of the same shape. Notes, descriptions and the values of tags go.
    Regions, sizes, numbers, addresses, types and what Azure itself has named stay.
    """
    masking = _Masking(one)
    return snapshot(one.taken, one.cloud, [masking.answer(a) for a in one.answers])


class _Masking:
    def __init__(self, one: Snapshot) -> None:
        self._kept = {_NOBODY, *BUILT_IN, *_built_in(one.answers)}
        texts = [text for answer in one.answers for text in _texts(answer)]
        guids = {m[0].lower().replace("-", "") for text in texts for m in _GUID.finditer(text)}
        self._guids = {
            g: uuid.UUID(bytes=_digest("id", index)[:16], version=4)
            for index, g in enumerate(sorted(guids - {k.replace("-", "") for k in self._kept}))
        }
        names = {n.casefold() for answer in one.answers for n in _names(answer)}
        self._names = _pseudonyms(names - _NAMED_ALIKE)
        tags = {t.casefold() for answer in one.answers for i in answer.items for t in _tags(i)}
        self._tags = _pseudonyms(tags - _ENVIRONMENTS)

    def answer(self, answer: Answer) -> Answer:
        is_public = answer.facet in _PUBLIC
        return answer._replace(
            scope=self._text(answer.scope),
            call=self._text(answer.call),
            reason=self._text(_CLIENT.sub(f"'{MASKED}'", answer.reason)),
            items=tuple(self._data(i, "", is_public=is_public) for i in answer.items),
        )

    def _data(self, data: Any, name: str, *, is_public: bool) -> Any:  # noqa: ANN401  # plain JSON data
        if isinstance(data, dict):
            if name.lower() == "tags":
                return {self._text(k): self._tag(v) for k, v in data.items()}
            return {
                self._text(k, is_key=True): self._data(
                    v, k, is_public=is_public or k.lower() == "sku"
                )
                for k, v in data.items()
            }
        if isinstance(data, list):
            return [self._data(v, name, is_public=is_public) for v in data]
        if not isinstance(data, str):
            return data
        lowered = name.lower()
        if lowered in _FREE_TEXT and not is_public:
            return MASKED
        is_key = is_public or lowered in _VERBATIM or _TYPE.fullmatch(data) is not None
        return self._text(data, is_key=is_key)

    def _tag(self, value: object) -> object:
        if not isinstance(value, str):
            return value
        made = self._tags.get(value.casefold())
        return value if made is None else _cased(made, value)

    def _text(self, text: str, *, is_key: bool = False) -> str:
        """Replace ids and numbers, and names unless the text is one of Azure's words."""
        pieces: list[str] = []
        last = 0
        for match in _ID.finditer(text):
            pieces += [self._plain(text[last : match.start()], is_key=is_key), self._id(match[0])]
            last = match.end()
        return "".join([*pieces, self._plain(text[last:], is_key=is_key)])

    def _id(self, text: str) -> str:
        return "/".join(
            self._numbers(segment) if kind is None else self._name(segment)
            for segment, kind in _walk(text)
        )

    def _plain(self, text: str, *, is_key: bool) -> str:
        if not text:
            return text
        if not is_key:
            text = _WORDS.sub(lambda m: self._words(m[0]), text)
        return self._numbers(text)

    def _words(self, word: str) -> str:
        """Replace a name, or the names of which a word is put together."""
        if word.casefold() in self._names:
            return self._name(word)
        atoms = _SEPARATOR.split(word)
        found: list[str] = []
        start = 0
        while start < len(atoms):
            end = next(
                (
                    e
                    for e in range(min(len(atoms), start + _LONGEST), start, -2)
                    if "".join(atoms[start:e]).casefold() in self._names
                ),
                None,
            )
            if end is None:
                found.append(atoms[start])
                start += 1
            else:
                found.append(self._name("".join(atoms[start:end])))
                start = end
        return "".join(found)

    def _name(self, name: str) -> str:
        made = self._names.get(name.casefold())
        if made is not None:
            return _cased(made, name)
        batch = _BATCH.search(name)
        if batch is not None and batch.start() > 0:
            return f"{self._name(name[: batch.start()])}{name[batch.start() :]}"
        return self._numbers(name)

    def _numbers(self, text: str) -> str:
        return _GUID.sub(self._guid, text)

    def _guid(self, match: re.Match[str]) -> str:
        made = self._guids.get(match[0].lower().replace("-", ""))
        if made is None:
            return match[0]
        return _cased(str(made) if "-" in match[0] else made.hex, match[0], is_whole=True)


_WORDS: Final = re.compile(r"[\w.()-]+")
_SEPARATOR: Final = re.compile(r"([._()-])")
_LONGEST: Final = 41
"""How many words and separators of a longer word are looked up together."""


def _texts(answer: Answer) -> Iterator[str]:
    yield from (answer.scope, answer.call, answer.reason)
    for item in answer.items:
        yield from _strings(item)


def _strings(data: object) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield key
            yield from _strings(value)
    elif isinstance(data, list):
        for value in data:
            yield from _strings(value)


_SCOPES: Final = frozenset({"subscriptions", "resourcegroups", "managementgroups", "tenants"})


def _walk(text: str) -> Iterator[tuple[str, str | None]]:
    """Yield the segments of an id, each name with the word that says what it names."""
    before = ""
    kind: str | None = None
    is_typed = False
    for segment in text.split("/"):
        lowered = segment.lower()
        if kind is not None:
            # What a type or scope names; regions are no names.
            yield segment, None if kind == "locations" else kind
            kind = None
        elif before == "providers":
            yield segment, None
            is_typed = True
        elif lowered in _SCOPES or (is_typed and lowered != "providers"):
            yield segment, None
            kind = lowered
        else:
            yield segment, None if lowered in {"", "providers"} else "?"
            is_typed = False
        before = lowered if kind is None else ""


def _names(answer: Answer) -> Iterator[str]:
    for text in _texts(answer):
        for match in _ID.finditer(text):
            for segment, kind in _walk(match[0]):
                if kind not in {None, "?"}:
                    yield from _name_in(segment)
    if answer.facet not in _PUBLIC:
        for item in answer.items:
            yield from _called(item)


def _called(data: object) -> Iterator[str]:
    """Yield the names of a resource and of the resources that it holds or names."""
    if isinstance(data, dict):
        name = data.get("name")
        if isinstance(data.get("id"), str) and isinstance(name, str):
            for part in name.split("/"):
                yield from _name_in(part)
        for key, value in data.items():
            if key.lower() in _NAMES and isinstance(value, str):
                yield from _name_in(value)
            yield from _called(value)
    elif isinstance(data, list):
        for value in data:
            yield from _called(value)


def _name_in(text: str) -> Iterator[str]:
    """Yield what of a segment is a name to replace: no number, no blank, none of Azure's own."""
    batch = _BATCH.search(text)
    name = text if batch is None else text[: batch.start()]
    if any(map(str.isalnum, name)) and not _GUID.fullmatch(name) and not _ZONE.match(name):
        yield name


def _tags(data: object, name: str = "") -> Iterator[str]:
    if isinstance(data, dict):
        for key, value in data.items():
            if name.lower() == "tags" and isinstance(value, str):
                yield value
            else:
                yield from _tags(value, key)
    elif isinstance(data, list):
        for value in data:
            yield from _tags(value)


def _built_in(answers: Iterable[Answer]) -> Iterator[str]:
    """Yield the numbers of definitions that are Azure's: the same in every tenant."""
    for answer in answers:
        for item in answer.items:
            properties = item.get("properties")
            facts = properties if isinstance(properties, dict) else {}
            stated = str(facts.get("policyType", facts.get("type", ""))).lower()
            if stated in {"builtin", "builtinrole", "static"}:
                yield str(item.get("name")).lower()
        for text in _texts(answer):
            for match in _ID.finditer(text):
                # What is defined at the tenant is Azure's; customers define below.
                if match[0].lower().startswith("/providers/microsoft.authorization/"):
                    yield from (s.lower() for s, kind in _walk(match[0]) if kind in _DEFINITIONS)


def _digest(kind: str, index: int, attempt: int = 0) -> bytes:
    # NOTE: of the position, not of the name, which could be found again by trying likely ones.
    return hashlib.sha256(f"{kind} {index} {attempt}".encode()).digest()


def _pseudonyms(names: set[str]) -> dict[str, str]:
    """Choose a name of the same shape for each, none of which is one of the old or another's."""
    made: dict[str, str] = {}
    taken = set(names)
    for index, name in enumerate(sorted(names)):
        for attempt in range(_ATTEMPTS):
            candidate = _alike(name, _digest("name", index, attempt))
            if candidate not in taken:
                break
        else:
            candidate = f"x{_digest('name', index).hex()[:12]}"
        taken.add(candidate)
        made[name] = candidate
    return made


_ATTEMPTS: Final = 200
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"


def _alike(name: str, digest: bytes) -> str:
    """Keep separators, and where letters and digits are: rules judge the shape of names."""
    made = []
    for position, character in enumerate(name):
        byte = digest[position % len(digest)] ^ (position // len(digest) * 37 % 256)
        if character.isdigit():
            made.append(str(byte % 10))
        elif character.isalpha():
            made.append(_LETTERS[byte % len(_LETTERS)])
        else:
            made.append(character)
    return "".join(made)


def _cased(made: str, like: str, *, is_whole: bool = False) -> str:
    """Write a made-up name in capitals where, or as `is_whole` says if, the real one had them."""
    if is_whole:
        return made.upper() if like.isupper() else made
    if len(made) != len(like):
        return made
    return "".join(m.upper() if c.isupper() else m for m, c in zip(made, like, strict=True))
