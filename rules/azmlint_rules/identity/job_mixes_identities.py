"""The rule job-mixes-identities."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from azmlint import (
    CredentialCall,
    Datastore,
    Estate,
    Facet,
    Finding,
    Job,
    Object,
    Reason,
    Rule,
    Severity,
    Term,
    Undecided,
)

_STORE = re.compile(r"azureml:/{2,3}(?:[^'\\s]*/)?datastores/([^/]+)/", re.IGNORECASE)
_LOCAL = re.compile(r"(?!azureml:|git\\+|https?:)[^$]*", re.IGNORECASE)


class JobMixesIdentities(Rule[Job]):
    """Job is to run as its user, and parts of it sign in as somebody else.

    ## Why
    With `user_identity` a job reads data as whoever submitted it. A datastore with credentials is read
    with these all the same, and code that makes a `ManagedIdentityCredential` gets the identity of the
    compute: who may read the data is then not who submitted the job. Both in one job are documented as
    not supported.

    ## Not when
    The job says nothing of an identity, or runs as the one of its compute. Code that is a registered
    asset or comes from git is not looked through; of other code, the folder that the job names is. Steps of
    a pipeline count that name an identity themselves, not the one of the pipeline as a whole.

    ## Bad
    ```bicep
    @secure()
    param key string = ''

    resource workspace 'Microsoft.MachineLearningServices/workspaces@2025-12-01' existing = {
      name: 'ws'
    }

    resource raw 'Microsoft.MachineLearningServices/workspaces/datastores@2025-12-01' = {
      parent: workspace
      name: 'raw'
      properties: {
        datastoreType: 'AzureBlob'
        accountName: 'data'
        containerName: 'raw'
        credentials: {
          credentialsType: 'AccountKey'
          secrets: {
            secretsType: 'AccountKey'
            key: key
          }
        }
      }
    }

    resource train 'Microsoft.MachineLearningServices/workspaces/jobs@2025-12-01' = {
      parent: workspace
      name: 'train'
      properties: {
        jobType: 'Command'
        command: 'python train.py'
        environmentId: 'azureml:train:1'
        identity: {
          identityType: 'UserIdentity'
        }
        inputs: {
          data: {
            jobInputType: 'uri_folder'
            uri: 'azureml://datastores/raw/paths/train/'
          }
        }
      }
    }
    ```

    ```json
    {
      "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
      "contentVersion": "1.0.0.0",
      "resources": [
        {
          "type": "Microsoft.MachineLearningServices/workspaces/datastores",
          "apiVersion": "2025-12-01",
          "name": "ws/raw",
          "properties": {
            "datastoreType": "AzureBlob",
            "accountName": "data",
            "containerName": "raw",
            "credentials": {
              "credentialsType": "Sas"
            }
          }
        },
        {
          "type": "Microsoft.MachineLearningServices/workspaces/jobs",
          "apiVersion": "2025-12-01",
          "name": "ws/train",
          "properties": {
            "jobType": "Command",
            "command": "python train.py",
            "identity": {
              "identityType": "UserIdentity"
            },
            "inputs": {
              "data": {
                "jobInputType": "uri_folder",
                "uri": "azureml://datastores/raw/paths/train/"
              }
            }
          }
        }
      ]
    }
    ```

    ## Good
    ```bicep
    @secure()
    param key string = ''

    resource workspace 'Microsoft.MachineLearningServices/workspaces@2025-12-01' existing = {
      name: 'ws'
    }

    resource raw 'Microsoft.MachineLearningServices/workspaces/datastores@2025-12-01' = {
      parent: workspace
      name: 'raw'
      properties: {
        datastoreType: 'AzureBlob'
        accountName: 'data'
        containerName: 'raw'
        credentials: {
          credentialsType: 'None'
        }
      }
    }

    resource train 'Microsoft.MachineLearningServices/workspaces/jobs@2025-12-01' = {
      parent: workspace
      name: 'train'
      properties: {
        jobType: 'Command'
        command: 'python train.py'
        environmentId: 'azureml:train:1'
        identity: {
          identityType: 'UserIdentity'
        }
        inputs: {
          data: {
            jobInputType: 'uri_folder'
            uri: 'azureml://datastores/raw/paths/train/'
          }
        }
      }
    }
    ```

    ```json
    {
      "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
      "contentVersion": "1.0.0.0",
      "resources": [
        {
          "type": "Microsoft.MachineLearningServices/workspaces/datastores",
          "apiVersion": "2025-12-01",
          "name": "ws/raw",
          "properties": {
            "datastoreType": "AzureBlob",
            "accountName": "data",
            "containerName": "raw",
            "credentials": {
              "credentialsType": "None"
            }
          }
        },
        {
          "type": "Microsoft.MachineLearningServices/workspaces/jobs",
          "apiVersion": "2025-12-01",
          "name": "ws/train",
          "properties": {
            "jobType": "Command",
            "command": "python train.py",
            "identity": {
              "identityType": "UserIdentity"
            },
            "inputs": {
              "data": {
                "jobInputType": "uri_folder",
                "uri": "azureml://datastores/raw/paths/train/"
              }
            }
          }
        }
      ]
    }
    ```

    ## How sure
    Documented.

    ## References
    - Azure Machine Learning, Set up service authentication, Access data for training jobs with user identity (10 June 2025)
    """

    name = "job-mixes-identities"
    severity = Severity.NOTE
    uses = frozenset({Facet.DATASTORES})
    judges_deployed = False

    def check(self, job: Job, estate: Estate) -> Iterator[Finding]:
        identity = job.identity
        if identity.is_absent or not identity.equals("useridentity"):
            return
        reasons: list[Reason] = []
        call = None
        try:
            call = _managed(job, estate)
        except Undecided as undecided:
            reasons += undecided.reasons
        if call is not None:
            yield self.finding(
                identity,
                f"{job.label} runs as its user, and its code signs in with {call.name}: as the identity "
                "of the compute",
                related=((call, "makes a credential of a managed identity"),),
                why_no_fix="use AzureMLOnBehalfOfCredential in the code, or run the job as a managed identity",
            )
        for store in _stores(job, estate, reasons):
            kind = store.credentials.require()
            if kind.casefold() != "none":
                yield self.finding(
                    identity,
                    f"{job.label} runs as its user, and {store.label} is read with its {kind} all the same",
                    related=((store.credentials, "the credentials of the datastore"),),
                    why_no_fix="make a datastore without credentials, or leave the identity out of the job",
                )
                return
        if reasons:
            raise Undecided(tuple(dict.fromkeys(reasons)))


def _managed(job: Job, estate: Estate) -> CredentialCall | None:
    """Find a credential of a managed identity in the code of a job."""
    if job.code.is_absent:
        return None
    code = job.code.require()
    if not _LOCAL.fullmatch(code):
        return None
    folder = posixpath.normpath(posixpath.join(posixpath.dirname(job.path), code))
    calls = estate.credentials_in("" if folder == "." else folder)
    return next((c for c in calls if c.name == "ManagedIdentityCredential"), None)


def _stores(job: Job, estate: Estate, reasons: list[Reason]) -> Iterator[Datastore]:
    """Yield the datastores that a job reads and writes, each once."""
    names: dict[str, None] = {}
    for listed in (job.inputs, job.outputs):
        for member in listed.known.members if listed.known is not None else ():
            names |= dict.fromkeys(_STORE.findall(_path(member)))
    for name in names:
        try:
            yield estate.find(Datastore, job.id.parent.child("datastores", name))
        except Undecided as undecided:
            reasons += undecided.reasons


def _path(member: Term) -> str:
    """Give where an input is, as az ml and Resource Manager call it, or as a short form has it."""
    if isinstance(member.data, Object):
        found = member.data.lookup("path") or member.data.lookup("uri")
        return str(found.data) if found is not None else ""
    return member.data if isinstance(member.data, str) else ""
