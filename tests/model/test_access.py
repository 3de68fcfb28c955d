"""Access is decided as Azure decides it, and never guessed."""

from __future__ import annotations

import datetime as dt

import access_oracle as oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from azmlint.data.roles import BUILT_IN, ID_OF
from azmlint.expressions.term import Symbol
from azmlint.expressions.truth import Undecided
from azmlint.model.access.access import Principal, principal_scope
from azmlint.model.access.permission import matches
from azmlint.model.estate import Estate, UndeclaredFacet
from azmlint.model.facet import COLLECTED, DENIED, Facet
from azmlint.model.ids import ResourceId
from azmlint.model.resources import RoleAssignment
from azmlint.sources import load, terraform
from azmlint.sources.document import Binding, decode
from azmlint.sources.snapshot import Answer, snapshot
from azmlint.sources.texts import Texts

NOW = dt.datetime(2026, 11, 24, tzinfo=dt.UTC)
SUB = "/subscriptions/3f9d2a71-5c08-4e1b-9d64-7a20c1e8b5f0"
OTHER = "/subscriptions/5b1e2c93-0d47-4a68-8f1c-2e9d4b7a6c10"
GROUP = f"{SUB}/resourceGroups/ml"
ACCOUNT = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/data"
CONTAINER = f"{ACCOUNT}/blobServices/default/containers/train"
REGISTRY = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/images"
MANAGED = "/providers/Microsoft.Management/managementGroups/contoso"
WHO = "a1b2c3d4-0000-4000-8000-000000000001"
TEAM = "a1b2c3d4-0000-4000-8000-000000000002"
PRINCIPAL = Principal((WHO,), "train")
PULL = "Microsoft.ContainerRegistry/registries/pull/read"
READ = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"
CUSTOM = "c0ffee00-0000-4000-8000-000000000001"


def assigned(name, role, scope, principal=WHO, kind="ServicePrincipal", condition=None):
    at = "" if scope == "/" else scope
    return {
        "id": f"{at}/providers/Microsoft.Authorization/roleAssignments/{name}",
        "name": name,
        "properties": {
            "principalId": principal,
            "principalType": kind,
            "roleDefinitionId": f"{SUB}/providers/Microsoft.Authorization/roleDefinitions/{role}",
            "scope": scope,
            "condition": condition,
        },
    }


def defined(role, *permissions, name="Own role"):
    return {
        "id": f"{SUB}/providers/Microsoft.Authorization/roleDefinitions/{role}",
        "name": role,
        "properties": {"roleName": name, "type": "CustomRole", "permissions": list(permissions)},
    }


def denied(scope, permission, principals, *, excluded=(), skips=False):
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/denyAssignments/no",
        "name": "no",
        "properties": {
            "scope": scope,
            "permissions": [permission],
            "principals": [{"id": i, "type": k} for i, k in principals],
            "excludePrincipals": [{"id": i, "type": k} for i, k in excluded],
            "doNotApplyToChildScopes": skips,
        },
    }


def answer(facet, *items, scope=SUB, state=COLLECTED, reason=""):
    permission = f"Microsoft.Authorization/{facet}/read"
    return Answer(facet, scope, f"GET {facet}", state, items, permission, reason)


def access(assignments=(), definitions=(), denials=(), *more):
    answers = [
        answer(Facet.ROLE_ASSIGNMENTS, *assignments),
        answer(Facet.ROLE_DEFINITIONS, *definitions),
        answer(Facet.DENY_ASSIGNMENTS, *denials),
        *more,
    ]
    return of(answers)


def of(answers):
    found = snapshot(NOW, "AzureCloud", answers)
    return Estate(found.resources(), today=NOW.date(), coverages=found.coverages).access


def asked(found, action, scope, *, is_data=False):
    return found.may(PRINCIPAL, action, ResourceId((scope,)), is_data=is_data)


def why(permit):
    return [r.text for r in permit.allowed.reasons]


# What actions hold


@pytest.mark.parametrize(
    ("pattern", "action", "verdict"),
    [
        ("*", "Microsoft.Storage/storageAccounts/read", True),
        ("*/read", "Microsoft.Storage/storageAccounts/read", True),
        ("*/read", "Microsoft.Storage/storageAccounts/write", False),
        ("microsoft.STORAGE/*", "Microsoft.Storage/storageAccounts/listKeys/action", True),
        ("Microsoft.Storage/*", "Microsoft.StorageSync/services/read", False),
        ("Microsoft.Authorization/*/Write", "microsoft.authorization/locks/write", True),
        ("Microsoft.Authorization/*/Write", "Microsoft.Authorization/write", True),
        ("A/*/Write", "A/xwrite", False),
        ("A/*write", "A/write", True),
        ("A/x*/write", "A/x/write", True),
        ("A/*/x*/write", "A/x/write", True),
        ("A/*/*/write", "A/write", True),
        ("A/*/x/*/write", "A/x/write", True),
        ("A/*/b/*/c", "A/x/b/y/b/z/c", True),
        ("A/*/b/*/c", "A/x/b/c", True),
        ("A/*/b/*/c", "A/x/bc", False),
        ("a*a", "a", False),
        ("a*a", "aa", True),
        ("A/read", "A/reader", False),
        ("A.B/read", "AxB/read", False),
        ("", "A/read", False),
    ],
)
def test_an_asterisk_stands_for_any_text(pattern, action, verdict):
    assert matches(pattern, action) is verdict


def test_a_role_does_not_allow_what_it_leaves_out():
    found = access([assigned("a", ID_OF["Contributor"], SUB)])

    assert asked(found, "Microsoft.Authorization/locks/read", GROUP).allowed.known is True
    assert asked(found, "Microsoft.Authorization/locks/delete", GROUP).allowed.known is False
    assert (
        asked(found, "microsoft.authorization/roleassignments/WRITE", GROUP).allowed.known is False
    )


def test_a_data_scientist_writes_no_workspace_and_no_compute():
    found = access([assigned("a", ID_OF["AzureML Data Scientist"], SUB)])
    ml = "Microsoft.MachineLearningServices/workspaces"

    for kept in ("", "/computes", "/computes/x"):
        assert asked(found, f"{ml}{kept}/write", GROUP).allowed.known is False
    for allowed in ("jobs/write", "datastores/listsecrets/action", "computes/read"):
        assert asked(found, f"{ml}/{allowed}", GROUP).allowed.known is True


def test_an_identity_operator_may_assign_an_identity():
    found = access([assigned("a", ID_OF["Managed Identity Operator"], SUB)])
    kind = "Microsoft.ManagedIdentity/userAssignedIdentities"

    assert asked(found, f"{kind}/assign/action", GROUP).allowed.known is True
    assert asked(found, f"{kind}/write", GROUP).allowed.known is False


def test_what_one_role_leaves_out_another_may_allow():
    roles = ("Contributor", "User Access Administrator")
    found = access([assigned(f"a{n}", ID_OF[r], SUB) for n, r in enumerate(roles)])

    permit = asked(found, "Microsoft.Authorization/roleAssignments/write", GROUP)

    assert permit.allowed.known is True
    assert permit.by.name == "a1"


def test_an_owner_reads_no_blobs():
    found = access([assigned("a", ID_OF["Owner"], SUB)])

    assert asked(found, PULL, REGISTRY).allowed.known is True
    assert asked(found, READ, ACCOUNT, is_data=True).allowed.known is False


def test_the_permissions_of_a_role_add_up_each_without_its_own_exceptions():
    one = {"actions": ["A/*"], "notActions": ["A/x/read"]}
    two = {"actions": ["A/x/*"], "notActions": ["A/x/write"]}
    found = access([assigned("a", CUSTOM, SUB)], [defined(CUSTOM, one, two)])

    assert asked(found, "A/x/read", GROUP).allowed.known is True
    assert asked(found, "A/x/write", GROUP).allowed.known is True
    assert asked(found, "B/x/read", GROUP).allowed.known is False


def test_data_actions_leave_out_data_actions_only():
    permission = {
        "actions": [READ],
        "notActions": ["*"],
        "dataActions": ["Microsoft.Storage/*"],
        "notDataActions": ["*/blobs/write"],
    }
    found = access([assigned("a", CUSTOM, ACCOUNT)], [defined(CUSTOM, permission)])

    assert asked(found, READ, ACCOUNT).allowed.known is False
    assert asked(found, READ, ACCOUNT, is_data=True).allowed.known is True
    assert asked(found, READ.replace("read", "write"), ACCOUNT, is_data=True).allowed.known is False


def test_a_definition_that_was_read_counts_before_the_table():
    role = ID_OF["AcrPull"]
    found = access([assigned("a", role, REGISTRY)], [defined(role, {"actions": []})])

    assert asked(found, PULL, REGISTRY).allowed.known is False


# Scopes


@pytest.mark.parametrize(
    ("scope", "at", "verdict"),
    [
        (SUB, CONTAINER, True),
        (GROUP.upper(), CONTAINER, True),
        (ACCOUNT, CONTAINER, True),
        (CONTAINER, CONTAINER, True),
        (CONTAINER, ACCOUNT, False),
        (f"{SUB}/resourceGroups/m", CONTAINER, False),
        (f"{ACCOUNT}2", CONTAINER, False),
        ("/", CONTAINER, True),
        (OTHER, CONTAINER, False),
    ],
)
def test_an_assignment_holds_at_its_scope_and_below(scope, at, verdict):
    found = access([assigned("a", ID_OF["Storage Blob Data Reader"], scope)])

    assert asked(found, READ, at, is_data=True).allowed.known is verdict


def test_a_management_group_reaches_the_subscriptions_whose_answers_hold_it():
    above = assigned("a", ID_OF["AcrPull"], MANAGED)
    found = access([above], (), (), answer(Facet.ROLE_ASSIGNMENTS, scope=OTHER))

    assert asked(found, PULL, REGISTRY).allowed.known is True
    assert asked(found, PULL, REGISTRY.replace(SUB, OTHER)).allowed.known is False


# What is not known


def test_without_the_assignments_nobody_knows_what_is_not_allowed():
    reason = "403 AuthorizationFailed"
    found = of(
        [
            answer(Facet.ROLE_ASSIGNMENTS, state=DENIED, reason=reason),
            answer(Facet.DENY_ASSIGNMENTS),
        ]
    )

    permit = asked(found, PULL, REGISTRY)

    assert permit.allowed.known is None
    assert why(permit) == [f"roleAssignments of {SUB} were not read: {reason}"]
    assert (
        permit.allowed.reasons[0].need.permission == "Microsoft.Authorization/roleAssignments/read"
    )


def test_without_the_denials_nobody_knows_what_is_allowed():
    found = of([answer(Facet.ROLE_ASSIGNMENTS, assigned("a", ID_OF["AcrPull"], REGISTRY))])

    permit = asked(found, PULL, REGISTRY)

    assert why(permit) == [f"denyAssignments of {REGISTRY} were not read"]
    assert asked(found, READ, ACCOUNT, is_data=True).allowed.known is False


def test_a_condition_is_not_evaluated():
    found = access([assigned("a", ID_OF["AcrPull"], REGISTRY, condition="@Resource[x] eq 'y'")])

    assert why(asked(found, PULL, REGISTRY)) == [
        "the condition of role assignment 'a' is not evaluated"
    ]
    assert asked(found, READ, ACCOUNT, is_data=True).allowed.known is False


def test_a_condition_does_not_matter_where_another_role_allows_it():
    found = access(
        [
            assigned("a", ID_OF["AcrPull"], REGISTRY, condition="@Resource[x] eq 'y'"),
            assigned("b", ID_OF["AcrPush"], GROUP),
        ]
    )

    assert asked(found, PULL, REGISTRY).by.name == "b"


def test_a_role_that_was_not_read_leaves_open_what_it_allows():
    found = access([assigned("a", CUSTOM, REGISTRY)])

    permit = asked(found, PULL, REGISTRY)

    assert why(permit) == [f"the role definition '{CUSTOM}' of role assignment 'a' was not read"]
    with pytest.raises(Undecided):
        found.role(next(iter(found.roles_of(PRINCIPAL, ResourceId((REGISTRY,))))))


def test_who_is_in_a_group_is_not_known():
    found = access([assigned("a", ID_OF["AcrPull"], REGISTRY, TEAM, "Group")])

    permit = asked(found, PULL, REGISTRY)

    assert why(permit) == ["whether train is in the group of role assignment 'a' is not known"]
    assert permit.allowed.reasons[0].need.facet == Facet.PRINCIPAL_ROLES
    assert asked(found, READ, ACCOUNT, is_data=True).allowed.known is False


@pytest.mark.parametrize("is_member", [True, False])
def test_the_roles_of_a_principal_tell_of_its_groups(is_member):
    item = assigned("a", ID_OF["AcrPull"], REGISTRY, TEAM, "Group")
    own = str(principal_scope(ResourceId((SUB,)), WHO))
    roles = answer(Facet.PRINCIPAL_ROLES, *([item] if is_member else []), scope=own)

    found = access([item], (), (), roles)

    assert asked(found, PULL, REGISTRY).allowed.known is is_member


def test_a_facet_that_a_rule_does_not_declare_is_not_asked():
    found = access()
    found._estate.readable = frozenset({Facet.DENY_ASSIGNMENTS})

    with pytest.raises(UndeclaredFacet):
        asked(found, PULL, REGISTRY)


# Denials

ALL = [(oracle.EVERYBODY, "SystemDefined")]
NO_PULL = {"actions": ["Microsoft.ContainerRegistry/*"], "notActions": []}


@pytest.mark.parametrize(
    ("denial", "verdict"),
    [
        (denied(SUB, NO_PULL, ALL), False),
        (denied(SUB, NO_PULL, [(WHO, "ServicePrincipal")]), False),
        (denied(SUB, NO_PULL, [("another", "User")]), True),
        (denied(SUB, NO_PULL, ALL, excluded=[(WHO, "ServicePrincipal")]), True),
        (denied(SUB, NO_PULL, ALL, excluded=[(TEAM, "Group")]), None),
        (denied(SUB, NO_PULL, [(TEAM, "Group")]), None),
        (denied(SUB, NO_PULL, ALL, skips=True), True),
        (denied(REGISTRY, NO_PULL, ALL, skips=True), False),
        (denied(SUB, {**NO_PULL, "notActions": ["*/pull/read"]}, ALL), True),
        (denied(SUB, {"dataActions": ["*"]}, ALL), True),
        (denied(SUB, {**NO_PULL, "condition": "x"}, ALL), None),
    ],
)
def test_a_denial_counts_before_any_role(denial, verdict):
    found = access([assigned("a", ID_OF["Owner"], SUB)], (), [denial])

    assert asked(found, PULL, REGISTRY).allowed.known is verdict


def test_the_denial_decides_where_it_refuses():
    found = access([assigned("a", ID_OF["Owner"], SUB)], (), [denied(GROUP, NO_PULL, ALL)])

    assert asked(found, PULL, REGISTRY).by.label == "deny assignment 'no'"


# What files declare

TERRAFORM = """
resource "azurerm_resource_group" "ml" {
  name     = "ml"
  location = "westeurope"
}
resource "azurerm_user_assigned_identity" "train" {
  name                = "train"
  resource_group_name = "ml"
  location            = "westeurope"
}
resource "azurerm_container_registry" "images" {
  name                = "images"
  resource_group_name = "ml"
  location            = "westeurope"
  sku                 = "Premium"
}
resource "azurerm_role_assignment" "pull" {
  scope                = SCOPE
  role_definition_name = "acrpull"
  principal_id         = PRINCIPAL
}
"""


def declared(principal, scope="azurerm_container_registry.images.id", *, is_complete=True):
    text = TERRAFORM.replace("PRINCIPAL", principal).replace("SCOPE", scope)
    document = decode("main.tf", text.encode())
    binding = Binding(SUB.rpartition("/")[2], "ml", "")
    texts = Texts({"main.tf": document}, {"main.tf": binding})
    resources = terraform.read({"main.tf": document}, texts)["main.tf"].resources
    return Estate(resources, today=NOW.date(), is_complete=is_complete).access


def test_a_declared_role_counts_by_its_name():
    found = declared(f'"{WHO}"')

    assert asked(found, PULL, REGISTRY).by.label == "role assignment 'azurerm_role_assignment.pull'"


def test_a_declared_role_of_another_allows_nothing():
    assert asked(declared(f'"{TEAM}"'), PULL, REGISTRY).allowed.known is False


def test_a_principal_that_only_the_deployment_knows_may_be_any():
    found = declared("azurerm_user_assigned_identity.train.principal_id")

    (reason,) = why(asked(found, PULL, REGISTRY))
    assert reason.endswith("is for train is known at deployment only")


def test_a_principal_is_itself_where_only_the_deployment_knows_it():
    found = declared("azurerm_user_assigned_identity.train.principal_id")
    (assignment,) = found._estate.of(RoleAssignment)
    same = Principal(assignment.principal.term.text_parts, "the identity")

    permit = found.may(same, PULL, ResourceId((REGISTRY,)))

    assert permit.by is assignment


def test_a_scope_that_only_the_deployment_knows_may_hold_any():
    found = declared(f'"{WHO}"', "data.azurerm_container_registry.other.id")

    assert asked(found, PULL, REGISTRY).allowed.known is None


def test_files_alone_do_not_say_what_is_not_allowed():
    found = declared(f'"{TEAM}"', is_complete=False)

    assert f"roleAssignments of {REGISTRY} were not read" in why(asked(found, PULL, REGISTRY))


def test_a_scope_of_which_the_group_is_not_known_is_undecided():
    found = access([assigned("a", ID_OF["AcrPull"], REGISTRY)])
    scope = ResourceId((f"{SUB}/resourceGroups/", Symbol("g", "group"), REGISTRY[len(GROUP) :]))

    permit = found.may(PRINCIPAL, PULL, scope)

    assert permit.allowed.known is None


@pytest.mark.parametrize(
    ("scope", "reason"),
    [
        (f'"{MANAGED}"', f"whether {REGISTRY} is in {MANAGED} is not known"),
        ('""', "the scope of role assignment 'azurerm_role_assignment.pull' is not known"),
    ],
)
def test_a_declared_scope_above_subscriptions_may_hold_any(scope, reason):
    assert why(asked(declared(f'"{WHO}"', scope), PULL, REGISTRY)) == [reason]


def test_a_declared_role_of_a_group_may_be_one_of_its_members():
    found = declared(f'"{TEAM}"\n  principal_type = "Group"', '"/subscriptions/x"')

    assert asked(found, PULL, REGISTRY).allowed.known is False

    found = declared(f'"{TEAM}"\n  principal_type = "Group"', "var.scope")

    assert asked(found, PULL, REGISTRY).allowed.known is None


@pytest.mark.parametrize("name", ["Own role", "No role"])
def test_a_role_of_ones_own_is_found_by_its_name(name):
    deployed = snapshot(
        NOW,
        "AzureCloud",
        [
            answer(Facet.ROLE_ASSIGNMENTS),
            answer(Facet.DENY_ASSIGNMENTS),
            answer(Facet.ROLE_DEFINITIONS, defined(CUSTOM, {"actions": ["*"]})),
        ],
    )
    document = decode("main.tf", TERRAFORM.replace("acrpull", name).encode())
    one = Texts({"main.tf": document}, {"main.tf": Binding(SUB.rpartition("/")[2], "ml", "")})
    text = document.text.replace("PRINCIPAL", f'"{WHO}"').replace("SCOPE", f'"{REGISTRY}"')
    document = decode("main.tf", text.encode())
    made = terraform.read({"main.tf": document}, one)["main.tf"].resources
    found = Estate(
        [*made, *deployed.resources()], today=NOW.date(), coverages=deployed.coverages
    ).access

    permit = asked(found, PULL, REGISTRY)

    if name == "Own role":
        assert permit.allowed.known is True
    else:
        assert "the role 'No role' of" in why(permit)[0]


ASSIGNMENT = """{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "resources": [
    {"type": "TYPE", "apiVersion": "2022-04-01", "name": "NAME", SCOPE "properties": {
      "principalId": "p", "roleDefinitionId": "r"}},
    {"type": "Microsoft.ContainerRegistry/registries", "apiVersion": "2023-07-01", "name": "images"}
  ]
}"""
AZAPI = """
resource "azapi_resource" "pull" {
  type      = "Microsoft.Authorization/roleAssignments@2022-04-01"
  name      = "x"
  parent_id = "IMAGES"
  body      = { properties = { principalId = "p" } }
}
"""
BICEP = """
resource images 'Microsoft.ContainerRegistry/registries@2023-07-01' existing = {
  name: 'images'
}
resource pull 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: 'x'
  SCOPE
  properties: { principalId: 'p', roleDefinitionId: 'r' }
}
"""
OWN = "Microsoft.Authorization/roleAssignments"
OLD = "Microsoft.ContainerRegistry/registries/providers/roleAssignments"


def template(type_, name, scope=""):
    text = ASSIGNMENT.replace("TYPE", type_).replace("NAME", name)
    return text.replace("SCOPE", f'"scope": "{scope}",' if scope else "")


@pytest.mark.parametrize(
    ("path", "text", "scope"),
    [
        ("m.json", template(OWN, "x", "Microsoft.ContainerRegistry/registries/images"), REGISTRY),
        ("m.json", template(OLD, "images/Microsoft.Authorization/x"), REGISTRY),
        ("m.json", template(OWN, "x"), GROUP),
        ("m.bicep", BICEP.replace("SCOPE", "scope: images"), REGISTRY),
        ("m.bicep", BICEP.replace("SCOPE", ""), GROUP),
        ("m.tf", AZAPI.replace("IMAGES", REGISTRY), REGISTRY),
        (
            "m.tf",
            TERRAFORM.replace("PRINCIPAL", '"p"').replace(
                "SCOPE", "azurerm_container_registry.images.id"
            ),
            REGISTRY,
        ),
        ("m.sh", f"az role assignment create --role r --scope {REGISTRY}\n", REGISTRY),
    ],
)
def test_a_declared_role_is_set_on_its_own_scope_whatever_the_language(path, text, scope):
    document = decode(path, text.encode())
    texts = Texts({path: document}, {path: Binding(SUB.rpartition("/")[2], "ml", "")})

    readings = load.read_all({path: document}, texts)

    (found,) = [r for r in readings[path].resources if isinstance(r, RoleAssignment)]
    assert str(found.scope) == scope


# Who holds an action


def test_those_who_hold_an_action_are_listed_once_each():
    found = access(
        [
            assigned("a", ID_OF["Owner"], SUB),
            assigned("b", ID_OF["AcrPull"], REGISTRY),
            assigned("c", ID_OF["AcrPush"], GROUP, TEAM, "Group"),
            assigned("d", ID_OF["Storage Blob Data Owner"], SUB, "another"),
            assigned("e", ID_OF["AcrPull"], f"{SUB}/resourceGroups/other", "another"),
        ]
    )

    holders = found.holders(PULL, ResourceId((REGISTRY,)))

    assert [a.name for a in holders.certain] == ["b", "c"]
    assert holders.reasons == ()
    assert found.holders(PULL.upper(), ResourceId((REGISTRY,))) is holders


@pytest.mark.parametrize(
    ("items", "reason"),
    [
        ([assigned("a", CUSTOM, SUB)], "the role definition"),
        ([assigned("a", ID_OF["AcrPull"], SUB, condition="x")], "the condition of"),
    ],
)
def test_others_may_hold_an_action_where_a_role_is_not_known(items, reason):
    (found,) = access(items).holders(PULL, ResourceId((REGISTRY,))).reasons

    assert reason in found.text


def test_others_may_hold_an_action_where_nothing_was_read():
    holders = of([answer(Facet.DENY_ASSIGNMENTS)]).holders(PULL, ResourceId((REGISTRY,)))

    assert [r.text for r in holders.reasons] == [f"roleAssignments of {REGISTRY} were not read"]


def test_a_principal_that_only_the_deployment_knows_holds_it_too():
    found = declared("azurerm_user_assigned_identity.train.principal_id")

    holders = found.holders(PULL, ResourceId((REGISTRY,)))

    assert holders.certain == ()
    assert holders.reasons[0].text.endswith("is for is known at deployment only")


def test_identities_of_what_was_read_are_told_from_others():
    workspace = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/ws"
    train = {
        "id": f"{workspace}/computes/train",
        "name": "train",
        "identity": {"type": "SystemAssigned", "principalId": WHO.upper()},
        "properties": {"computeType": "AmlCompute"},
    }
    other = {
        "id": f"{workspace}/computes/other",
        "name": "other",
        "identity": {"type": "Odd"},
        "properties": {"computeType": "AmlCompute"},
    }
    endpoint = {
        "id": f"{workspace}/onlineEndpoints/e",
        "name": "e",
        "identity": {"type": "SystemAssigned", "principalId": TEAM},
        "properties": {},
    }
    found = of(
        [
            answer(Facet.COMPUTES, other, train, scope=workspace),
            answer(Facet.ONLINE_ENDPOINTS, endpoint, scope=workspace),
        ]
    )

    assert found.actor(WHO).name == "train"
    assert found.actor(TEAM) is None
    assert [found.knows(p) for p in (WHO, TEAM, "another")] == [True, True, False]


# What is odd


@pytest.mark.parametrize("permissions", [["x"], [{"actions": "x"}], [{"actions": [1]}]])
def test_odd_permissions_leave_open_what_they_hold(permissions):
    found = access([assigned("a", CUSTOM, SUB)], [defined(CUSTOM, *permissions)])
    refusing = denied(SUB, {}, ALL)
    refusing["properties"]["permissions"] = permissions
    other = access([assigned("a", ID_OF["Owner"], SUB)], (), [refusing])

    for one in (found, other):
        assert why(asked(one, PULL, REGISTRY)) == ["the actions are no list of texts"]


def test_a_denial_of_somebody_may_mean_a_principal_that_is_not_known():
    text = "azurerm_user_assigned_identity.train.principal_id"
    denials = snapshot(
        NOW, "AzureCloud", [answer(Facet.DENY_ASSIGNMENTS, denied(SUB, NO_PULL, [(TEAM, "User")]))]
    )
    estate = declared(text)._estate
    (assignment,) = estate.of(RoleAssignment)
    every = [*estate.resources, *denials.resources()]
    found = Estate(every, today=NOW.date(), is_complete=True).access
    who = Principal(assignment.principal.term.text_parts, "the identity")

    permit = found.may(who, PULL, ResourceId((REGISTRY,)))

    assert why(permit) == ["whether deny assignment 'no' means the identity is not known"]


# Against every world

SCOPES = [SUB, GROUP, ACCOUNT, CONTAINER, REGISTRY, f"{SUB}/resourceGroups/mlx", "/"]
PATTERNS = [
    "*",
    "A/*/*/read",
    "A/*/x/*/write",
    "A/*",
    "*/read",
    "A/x/read",
    "a/X/*",
    "A/*/read",
    "B/*",
    "*x*",
    "A/x/write",
]
ACTIONS = ["A/x/y/write", "A/x/read", "A/x/write", "B/x/read", "A/read"]
some = st.lists(st.sampled_from(PATTERNS), max_size=2)
permissions = st.fixed_dictionaries(
    {"actions": some, "notActions": some, "dataActions": some, "notDataActions": some}
)


@st.composite
def cases(draw):
    roles = {
        f"r{n}": draw(st.lists(permissions, min_size=1, max_size=2))
        for n in range(draw(st.integers(1, 2)))
    }
    assignments = [
        {
            "name": f"a{n}",
            "role": draw(st.sampled_from(sorted(roles))),
            "scope": draw(st.sampled_from(SCOPES)),
            **draw(
                st.sampled_from(
                    [
                        {"kind": "ServicePrincipal", "principal": WHO},
                        {"kind": "ServicePrincipal", "principal": "another"},
                        # Each its own, so that no two unknowns hang together.
                        {"kind": "Group", "principal": f"group{n}"},
                    ]
                )
            ),
            "condition": draw(st.sampled_from([None, f"condition a{n}"])),
        }
        for n in range(draw(st.integers(0, 4)))
    ]
    denials = [
        {
            "name": f"d{n}",
            "scope": draw(st.sampled_from(SCOPES[:-1])),
            "skips": draw(st.booleans()),
            "permission": draw(permissions),
            "principals": draw(
                st.lists(st.sampled_from([WHO, "another", oracle.EVERYBODY]), max_size=1)
            ),
            "groups": draw(st.sampled_from([[], [f"in{n}"]])),
            "excluded": draw(st.lists(st.sampled_from([WHO, "another"]), max_size=1)),
            "excluded_groups": draw(st.sampled_from([[], [f"out{n}"]])),
            "condition": draw(st.sampled_from([None, f"condition d{n}"])),
        }
        for n in range(draw(st.integers(0, 2)))
    ]
    place = draw(st.sampled_from(SCOPES[:-1]))
    return roles, assignments, denials, draw(st.sampled_from(ACTIONS)), place, draw(st.booleans())


def listed(names, groups):
    return [*((n, "ServicePrincipal") for n in names), *((g, "Group") for g in groups)]


@given(cases())
def test_it_agrees_with_looking_at_every_assignment_in_every_world(case):
    roles, assignments, denials, action, place, is_data = case
    made = [
        assigned(a["name"], a["role"], a["scope"], a["principal"], a["kind"], a["condition"])
        for a in assignments
    ]
    refused = []
    for d in denials:
        one = denied(
            d["scope"],
            {**d["permission"], "condition": d["condition"]},
            listed(d["principals"], d["groups"]),
            excluded=listed(d["excluded"], d["excluded_groups"]),
            skips=d["skips"],
        )
        refused.append({**one, "id": f"{one['id']}-{d['name']}", "name": d["name"]})
    found = access(made, [defined(n, *p, name=n) for n, p in roles.items()], refused)

    permit = asked(found, action, place, is_data=is_data)

    answers = oracle.answers(roles, assignments, denials, WHO, action, place, is_data=is_data)
    assert permit.allowed.known == (answers.pop() if len(answers) == 1 else None)
    assert (permit.by is not None) <= (permit.allowed.known is not None)


# The table


def test_every_built_in_role_is_known_by_name_and_id():
    assert len({r.name for r in BUILT_IN.values()}) == len(BUILT_IN)
    assert all(len(k) == 36 and k == k.lower() for k in BUILT_IN)
