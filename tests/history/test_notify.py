"""Others are told what changed, once, and nothing else."""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
from pathlib import Path

import pytest
from estate_by_day import Estate
from receiver import Receiver

from azmlint.errors import ConfigError, NotifyError
from azmlint.history.lifecycle import Event
from azmlint.history.message import news
from azmlint.history.notify import TRIES, Hook
from azmlint.history.store import Happening
from azmlint.history.template import Template

LOCK = "freeze-until-review"
EXAMPLES = Path(__file__).parents[2] / "examples" / "notify"


@pytest.fixture
def receiver():
    with Receiver() as running:
        yield running


@pytest.fixture
def tell(audit, receiver, monkeypatch):
    monkeypatch.delenv("AZMLINT_NOTIFY", raising=False)
    monkeypatch.setattr("azmlint.history.notify._WAITS", (0.0,))

    def call(estate, *words):
        result = audit(estate, "--notify", receiver.url, *words)
        assert "T0K3N" not in result.err + result.out
        return result

    return call


def events(post):
    return [(c["event"], c["rule"]) for c in post.data["changes"]]


def test_only_what_changed_is_told(tell, receiver):
    tell(Estate().at(25))
    tell(Estate().at(26))
    tell(Estate().at(27).without("locks", LOCK))

    first, second = receiver.posts
    assert len(events(first)) == 11
    assert {event for event, _ in events(first)} == {"new"}
    assert events(second) == [("fixed", "readonly-lock-on-workspace-rg")]
    assert second.data["counts"] == {
        "new": 0, "changed": 0, "fixed": 1, "reopened": 0, "accepted": 0,
    }  # fmt: skip
    assert second.data["open"] == {"error": 7, "warning": 3, "note": 0}
    (change,) = second.data["changes"]
    assert change["resource"]["name"] == LOCK
    assert change["first_seen"] == "2026-11-25T04:17:00Z"
    assert change["help_uri"].endswith("/readonly-lock-on-workspace-rg.md")


def test_the_worst_come_first(tell, receiver):
    tell(Estate().at(25))

    order = [c["severity"] for c in receiver.posts[0].data["changes"]]
    assert order == sorted(order)


def test_a_message_is_signed_with_the_secret_of_the_environment(tell, receiver, monkeypatch):
    monkeypatch.setenv("AZMLINT_NOTIFY_SECRET", "hunter2")
    tell(Estate().at(25))
    (post,) = receiver.posts
    digest = hmac.new(b"hunter2", post.body, hashlib.sha256).hexdigest()

    assert post.headers["X-Azmlint-Signature-256"] == f"sha256={digest}"
    assert b"hunter2" not in post.body


def test_what_could_not_be_told_is_told_with_the_next_audit(tell, receiver):
    receiver.answers = [500] * TRIES
    failed = tell(Estate().at(25).whole(), "--exit-zero")
    lost = tell(Estate().at(26).whole().without("locks", LOCK))

    assert failed.code == 3
    said = f"azmlint: {receiver.host} was not told what changed: it answered 500"
    assert failed.err.splitlines()[-1] == said
    assert lost.code == 1
    assert len(events(receiver.posts[-1])) == 10
    assert len(receiver.posts) == TRIES + 1


def test_what_passes_is_tried_again(tell, receiver):
    receiver.answers = [429, 503]
    receiver.headers = {"Retry-After": "0"}

    assert "was told" in tell(Estate().at(25)).err
    assert len(receiver.posts) == 3


def test_a_refusal_is_not_repeated(tell, receiver):
    receiver.answers = [404]

    assert "it answered 404" in tell(Estate().at(25)).err
    assert len(receiver.posts) == 1


def test_no_redirect_is_followed(tell, receiver):
    receiver.answers = [307]
    receiver.headers = {"Location": f"http://{receiver.host}/elsewhere"}

    assert "it answered 307" in tell(Estate().at(25)).err
    assert [p.path for p in receiver.posts] == ["/hooks/T0K3N"]


def test_nobody_listening_is_one_line(audit):
    waits = []
    hook = Hook("http://127.0.0.1:9/T0K3N")

    with pytest.raises(NotifyError, match=r"^127\.0\.0\.1:9 was not told what changed: ") as error:
        hook.send(b"{}", waits.append)
    assert waits == [1.0, 4.0]
    assert "T0K3N" not in str(error.value)
    assert "\n" not in str(error.value)


def test_a_wait_is_never_long(receiver):
    receiver.answers = [429] * TRIES
    receiver.headers = {"Retry-After": "86400"}
    waits = []

    with pytest.raises(NotifyError):
        Hook(receiver.url).send(b"{}", waits.append)
    assert waits == [30.0, 30.0]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://hooks.example/T0K3N", "hooks.example is told over https only"),
        ("ftp://hooks.example/T0K3N", "https only"),
        ("file:///etc/passwd", "no URL"),
        ("https://me:hunter2@hooks.example/T0K3N", "without a user"),
        ("https://[hooks/T0K3N", "no URL"),
        ("T0K3N", "no URL"),
    ],
)
def test_what_is_no_webhook_is_refused_before_anything_is_read(azmlint, url, said):
    result = azmlint(
        "audit", "--snapshot", "missing.json", "--history", "audits.db", "--notify", url
    )

    assert (result.code, result.err.count("\n")) == (2, 1)
    assert said in result.err
    assert "T0K3N" not in result.err
    assert "hunter2" not in result.err


@pytest.mark.parametrize("words", [("--notify", "https://h/"), ("--notify-template", "t.json")])
def test_telling_needs_a_history_and_a_place(azmlint, words):
    assert azmlint("audit", "--snapshot", "missing.json", *words).code == 2


def hostile(day):
    estate = Estate().at(day)
    lock = estate.item("locks", LOCK)
    lock["name"] = '"}],"text":"<!channel> [x](https://evil.example)'
    return estate


@pytest.mark.parametrize("name", ["slack.json", "teams.json"])
def test_the_templates_of_the_examples_hold_any_name(tell, receiver, name):
    tell(hostile(25), "--notify-template", str(EXAMPLES / name))
    tell(Estate().at(26).without("locks", LOCK), "--notify-template", str(EXAMPLES / name))
    first, second = receiver.posts

    text = first.body.decode()
    assert "<!channel>" not in text
    if name == "teams.json":
        assert "[x](https://evil" not in text
    assert "readonly-lock-on-workspace-rg" in text
    assert "$" not in text.replace("$schema", "")
    assert "fixed" in second.body.decode()


def test_slack_gets_blocks_and_teams_a_card(tell, receiver):
    tell(Estate().at(25), "--notify-template", str(EXAMPLES / "slack.json"))
    slack = receiver.posts[0].data

    assert slack["text"] == "azmlint: 11 new"
    assert [b["type"] for b in slack["blocks"]] == ["header", "context", *["section"] * 11]
    assert all(len(b["text"]["text"]) <= 3000 for b in slack["blocks"] if "text" in b)
    tell(Estate().at(26).without("locks", LOCK), "--notify-template", str(EXAMPLES / "teams.json"))
    (card,) = receiver.posts[1].data["attachments"]
    assert card["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert card["content"]["body"][0]["text"] == "azmlint: 1 fixed"
    assert len(card["content"]["body"]) == 3


CARD = """
const { AdaptiveCard, SerializationContext, Versions } = require(process.argv[1]);
const context = new SerializationContext(Versions.v1_4);
const card = new AdaptiveCard();
card.parse(JSON.parse(require("fs").readFileSync(0, "utf8")), context);
const said = [];
for (let i = 0; i < context.eventCount; i++) said.push(context.getEventAt(i).message);
for (const event of card.validateProperties().validationEvents) said.push(event.message);
console.log(JSON.stringify({ said, items: card.getItemCount() }));
"""


@pytest.mark.oracles
def test_the_card_is_one_to_the_library_that_shows_it(tell, receiver, npm_package, program):
    tell(hostile(25), "--notify-template", str(EXAMPLES / "teams.json"))
    card = receiver.posts[0].data["attachments"][0]["content"]
    library = npm_package("adaptivecards") / "dist" / "adaptivecards.js"

    def shown(content):
        done = subprocess.run(
            [program("node"), "-e", CARD, library],
            input=json.dumps(content).encode(),
            capture_output=True,
            check=True,
        )
        return json.loads(done.stdout)

    assert shown(card) == {"said": [], "items": len(card["body"])}
    assert shown(card | {"body": [{"type": "TextBlok"}]})["said"] != []


MESSAGE = {
    "tool": "azmlint 1",
    "run": 7,
    "taken": "2026-11-24T04:17:00Z",
    "complete": False,
    "failures": 2,
    "counts": {"new": 3, "changed": 0, "fixed": 0, "reopened": 0, "accepted": 0},
    "open": {"error": 1, "warning": 0, "note": 0},
    "changes": [
        {
            "event": "new", "severity": "error", "rule": "r", "message": f"m{n} <a> *b* \"'\\",
            "resource": {"kind": "k", "name": "n", "id": "/i"}, "property": "", "workspace": "",
            "first_seen": "", "help_uri": "", "fingerprint": "f",
        }
        for n in range(3)
    ],
}  # fmt: skip


def rendered(shape):
    return Template(json.dumps(shape), "t.json").render(MESSAGE)


def each(**more):
    return [{"$each": "new", "$most": 1, **more}]


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ({"a": "${run}", "b": "run ${run}", "d": None}, {"a": 7, "b": "run 7", "d": None}),
        ("$$5 ${complete} ${title}", "$5 no azmlint: 3 new"),
        (each(**{"$do": "${message}", "$more": "${left} more"}), ["m0 <a> *b* \"'\\", "2 more"]),
        (each(**{"$do": ["${message|slack}"]}), [["m0 &lt;a&gt; *b* \"'\\"]]),
        (each(**{"$do": "${message|markdown}"}), ["m0 \\<a\\> \\*b\\* \"'\\\\"]),
        (each(**{"$do": "${message|4|slack}"}), ["m0 …"]),
        ([{"$each": "changes", "$do": "${event}"}], ["new"] * 3),
        ([{"$each": "fixed", "$do": "x", "$more": "y"}], []),
    ],
)
def test_a_template_is_filled(shape, expected):
    assert rendered(shape) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is no JSON"),
        ('"${nothing}"', "there is no '${nothing}'"),
        ('"$ 5"', "write '$$' for a dollar"),
        ('"${run.__class__}"', "write '$$' for a dollar"),
        ('"x ${run|shell}"', "'shell' is no way"),
        ('{"$each": "new", "$do": 1}', "stands in a list"),
        ('[{"$each": "all", "$do": 1}]', "has one of"),
        ('[{"$each": "new"}]', "has one of"),
        ('[{"$each": ["new"], "$do": 1}]', "has one of"),
        ('[{"$each": "new", "$do": 1, "$most": "2"}]', "has one of"),
        ('[{"$each": "new", "$do": 1, "$if": "2"}]', "has one of"),
        ('"${message}"', "there is no '${message}'"),
        ("[" * 5000 + "]" * 5000, "is no"),
    ],
)
def test_what_is_no_template_is_refused_before_anything_is_read(azmlint, folder, text, said):
    (folder / "t.json").write_text(text)
    where = ("--history", "audits.db", "--notify", "https://h.example/")
    result = azmlint("audit", "--snapshot", "missing.json", *where, "--notify-template", "t.json")

    assert (result.code, result.err.count("\n")) == (2, 1)
    assert said in result.err


def test_a_template_that_is_not_there_is_named(azmlint):
    where = ("--history", "audits.db", "--notify", "https://h.example/")
    result = azmlint("audit", "--snapshot", "missing.json", *where, "--notify-template", "t.json")

    assert (result.code, result.err) == (
        2,
        "azmlint: t.json cannot be read: No such file or directory\n",
    )


def test_what_came_and_went_is_no_news():
    from test_commands import known, run  # noqa: PLC0415

    lives = {
        "a": (Event.NEW, Event.FIXED),
        "b": (Event.NEW, Event.CHANGED),
        "c": (Event.FIXED, Event.REOPENED),
        "d": (Event.CHANGED, Event.FIXED),
        "e": (Event.NEW, Event.FIXED, Event.REOPENED),
        "f": (Event.REOPENED, Event.ACCEPTED),
        "g": (Event.NEW,),
    }
    happened = [Happening(1, "", f, kind) for f, kinds in lives.items() for kind in kinds]
    told = news(run(1), happened, [known(f) for f in lives if f != "g"])

    assert [(event.value, k.row.fingerprint) for event, k in told.changes] == [
        ("new", "b"),
        ("reopened", "e"),
        ("fixed", "d"),
        ("accepted", "f"),
    ]


def test_a_webhook_that_is_refused_shows_no_secret():
    with pytest.raises(ConfigError) as error:
        Hook("http://hooks.example/T0K3N?sig=hunter2")

    assert "T0K3N" not in str(error.value)
