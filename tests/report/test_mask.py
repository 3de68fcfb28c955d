"""No format shows a secret."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azmlint.cli import run
from azmlint.engine.own import TextSpot
from azmlint.finding import Applicability, Finding, Fix, Severity
from azmlint.location import Document, Place, Span
from azmlint.report import FORMATS, write
from azmlint.report.json import data
from azmlint.report.line_hash import line_hashes
from azmlint.report.mask import Mask
from azmlint.report.options import ReportOptions
from azmlint.report.sarif import log


def document_with(text, secret):
    document = Document("a.yml", text)
    start = text.index(secret)
    return document, Mask([Place(document, Span(start, start + len(secret)))])


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_committed_report_holds_no_secret(report, form):
    (secret,) = report.secrets

    text = write(form, report, ReportOptions())

    assert len(secret.text) > 10
    assert secret.text not in text


def test_secret_of_any_length_looks_the_same():
    document, mask = document_with("key: abc # x", "abc")
    longer, other = document_with("key: abcdefgh # x", "abcdefgh")

    assert mask.excerpt(document, 0, len(document.text)) == "key: *** # x"
    assert other.excerpt(longer, 0, len(longer.text)) == "key: *** # x"


def test_a_secret_is_hidden_wherever_its_file_repeats_it():
    document, mask = document_with("password: hunter22\nif: password == 'hunter22'\n", "hunter22")

    shown = mask.excerpt(document, 0, len(document.text))

    assert shown == "password: ***\nif: password == '***'\n"
    assert mask.hidden("'hunter22' is typed") == "'***' is typed"
    assert Mask([]).hidden("nothing is secret") == "nothing is secret"


def test_lines_of_a_secret_stay_lines():
    document, mask = document_with("key: |\n  one\r\n  two\nnext: 1\n", "  one\r\n  two")

    assert mask.excerpt(document, 0, len(document.text)) == "key: |\n***\r\n***\nnext: 1\n"


@given(st.text("ab\n", max_size=20), st.data())
def test_no_piece_of_a_secret_is_in_any_excerpt(around, draw):
    text = f"{around}SECRET{around}"
    document, mask = document_with(text, "SECRET")
    start = draw.draw(st.integers(0, len(text)))
    end = draw.draw(st.integers(start, len(text)))

    shown = mask.excerpt(document, start, end)

    assert not set("SECRT") & set(shown)
    assert shown.replace("***", "") == "".join(c for c in text[start:end] if c in "ab\n")


def test_secrets_that_overlap_are_hidden_together():
    document = Document("a.yml", "0123456789")
    spans = [Span(2, 6), Span(4, 8), Span(2, 6), Span(3, 4), Span(9, 9)]
    mask = Mask(Place(document, s) for s in spans)

    assert mask.excerpt(document, 0, 10).replace("*", "") == "0189"


def test_another_document_is_quoted_as_it_is():
    _, mask = document_with("key: abc", "abc")

    assert mask.excerpt(Document("b.yml", "key: abc"), 0, 8) == "key: abc"


def test_fix_that_would_write_a_secret_again_is_only_displayed(report):
    train = report.findings[0].resource
    secret = report.secrets[0].text
    fix = Fix("move it", Applicability.SAFE, (train.admin_user.set(f"x{secret}x"),))
    report.findings = [
        Finding("password", Severity.ERROR, "it is wrong", train.admin_user, train, fixes=(fix,))
    ]

    (found,) = data(report, ReportOptions())["findings"]

    assert found["fixes"] == [
        {"title": "move it", "applicability": "display", "edits": [], "steps": []}
    ]
    assert "shown only: the edit would repeat a secret" in write("text", report, ReportOptions())
    for form in FORMATS:
        assert secret not in write(form, report, ReportOptions())


def test_hashes_do_not_let_a_secret_be_guessed(report):
    secret = report.secrets[0]
    document = secret.document
    (found,) = (
        f for f in data(report, ReportOptions())["findings"] if f["rule"] == "password-in-file"
    )
    results = log(report, ReportOptions())["runs"][0]["results"]
    (result,) = (r for r in results if r["ruleId"] == "password-in-file")
    line, _ = document.position(secret.start)

    assert found["content_hash"] != hashlib.sha256(secret.text.encode()).hexdigest()
    assert (
        result["partialFingerprints"]["primaryLocationLineHash"] != line_hashes(document.text)[line]
    )


def test_edit_of_a_line_with_a_secret_shows_the_rest_of_it(report):
    text = '{"user": "me", "password": "hunter22"}'
    document = Document("a.json", text)
    low = text.index('"hunter22"')
    report.secrets = [Place(document, Span(low, low + 10))]
    report.findings = [
        Finding("password", Severity.ERROR, "wrong", TextSpot(document, 0, len(text)), None)
    ]

    shown = write("text", report, ReportOptions())

    assert '1 | {"user": "me", "password": ***}' in shown


SCRIPT = """\
if [ "$PW" = "hunter22-and-more" ]; then N=1; else N=0; fi
az ml compute create -n gpu-1 -g rg -w ws --type amlcompute --size Standard_D4s_v5 \\
    --min-instances $N --max-instances hunter22-and-more --admin-password hunter22-and-more
"""


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_no_message_or_condition_quotes_a_secret(form, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "create.sh").write_text(SCRIPT)

    run(["check", "--profile", "strict", "--format", form, "create.sh"])

    told = capsys.readouterr().out
    assert "property-value-invalid" in told
    assert "hunter22" not in told


CREDENTIALS = [
    'ClientSecretCredential("t", "c", "tulip-and-9-moons")',
    'identity.ClientSecretCredential("t", client_id="c", client_secret="tulip-and-9-moons")',
    'ClientSecretCredential("t", "c", os.environ.get("PW", "tulip-and-9-moons"))',
    'ClientSecretCredential("t", "c", given or f"tulip-and-9-moons{version}")',
    'UsernamePasswordCredential("c", "u", "tulip-and-" "9-moons")',
    'ServicePrincipalAuthentication("t", "c", "tulip-and-9-moons")',
    'BlobServiceClient("https://a.blob.core.windows.net", credential="tulip-and-9-moons")',
    'AzureKeyCredential("tulip-and-9-moons")',
    'PatTokenConfiguration(pat="tulip-and-9-moons")',
    "AzureKeyCredential(pw); pw = 'tulip-and-9-moons'; pw = pw + pw",
    'register(account_key=self.pw); self.pw: str = "tulip-and-9-moons"',
    'connect(pwd="tulip-and-9-moons")',
    'connect(password=rb"tulip-and-9-moons")',
    'connect(password=\n    "tulip-and-9-moons")',
    'os.environ["AZURE_CLIENT_SECRET"] = "tulip-and-9-moons"',
]
MADE = "c.begin_create_or_update(AmlCompute(name='train', min_instances=2, max_instances=4))"


@pytest.mark.parametrize("form", ["text", "sarif", "html"])
@pytest.mark.parametrize("credential", CREDENTIALS)
def test_what_a_program_signs_in_with_is_known_by_its_place(
    form, credential, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    imports = "from azure.ai.ml import MLClient; from azure.ai.ml.entities import AmlCompute"
    text = f"{imports}\nc = MLClient(None, 's', 'r', 'w')\nx = {credential}; {MADE}\n"
    (tmp_path / "make.py").write_text(text)

    run(["check", "--format", form, "make.py"])

    told = capsys.readouterr().out
    assert "min-nodes-above-zero" in told
    assert "tulip" not in told
    assert "9-moons" not in told


def test_what_is_no_secret_of_a_program_is_shown(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    imports = "from azure.ai.ml import MLClient; from azure.ai.ml.entities import AmlCompute"
    credential = 'ClientSecretCredential("tulip", "moons", os.environ["PW"])'
    text = f"{imports}\nc = MLClient(None, 's', 'r', 'w')\nx = {credential}; {MADE}\n"
    (tmp_path / "make.py").write_text(text)

    run(["check", "--format", "sarif", "make.py"])

    told = capsys.readouterr().out
    assert '\\"tulip\\", \\"moons\\", os.environ[\\"PW\\"])' in told
    assert "***" not in told


BESIDE = """\
name: train
type: amlcompute
size: Standard_D4s_v5
tags:
  api_key: tulip-and-9-moons
  - password: tulip and 9-moons # kept
min_instances: 2
description: client_secret=tulip-and-9-moons
servicePrincipalKey: tulip-and-9-moons
"""


def test_what_stands_without_quotes_after_a_secret_key_of_yaml_is_hidden():
    document = Document("a.yml", BESIDE)

    shown = Mask([]).excerpt(document, 0, len(BESIDE))

    assert "tulip" not in shown
    assert "9-moons" not in shown
    assert shown.count("***") == 4
    assert shown.startswith(BESIDE.partition("tags")[0])


@pytest.mark.parametrize(
    "line",
    [
        "use_token: true",
        "max_token: 4096 # words",
        "secret: $(KEY)",
        "password: ${{ secrets.PW }}",
        "token: null",
        "the_token_is: here",
        "secret:",
    ],
)
def test_what_is_no_secret_after_such_a_key_is_shown(line):
    document = Document("a.yml", f"a: 1\n{line}\nb: 2\n")

    assert Mask([]).excerpt(document, 0, len(document.text)) == document.text


NAMED = """\
name: train-Tulip-9-Moons
type: amlcompute
size: Standard_D4s_v5
min_instances: 2
max_instances: 4
idle_time_before_scale_down: 120
ssh_public_access_enabled: false
ssh_settings:
  admin_username: me
  admin_password: Tulip-9-Moons
"""


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_no_name_or_command_repeats_a_secret(form, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.yml").write_text(NAMED)

    run(["check", "--format", form, "train.yml"])
    run(["show", "train.yml"])

    told = capsys.readouterr().out
    assert "train-***" in told
    assert "moons" not in told.casefold()


def test_a_fingerprint_does_not_let_the_secret_in_a_name_be_guessed(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    prints = []
    for secret in ("Tulip-9-Moons", "Other-8-Suns"):
        (tmp_path / "train.yml").write_text(NAMED.replace("Tulip-9-Moons", secret))
        run(["check", "--format", "json", "train.yml"])
        findings = json.loads(capsys.readouterr().out)["findings"]
        prints.append([f["fingerprint"] for f in findings])

    assert len(prints[0]) > 1
    assert prints[0] == prints[1]


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_value_that_is_shown_repeats_a_secret(form, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "create.sh").write_text(SCRIPT)

    run(["show", "--format", form, "create.sh"])

    told = capsys.readouterr().out
    assert "gpu-1" in told
    assert "hunter22" not in told
