"""No format shows a secret."""

from __future__ import annotations

import hashlib

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


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_value_that_is_shown_repeats_a_secret(form, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "create.sh").write_text(SCRIPT)

    run(["show", "--format", form, "create.sh"])

    told = capsys.readouterr().out
    assert "gpu-1" in told
    assert "hunter22" not in told
