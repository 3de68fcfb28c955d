"""The report as a page, in a real browser."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from azmlint import testing
from azmlint.cli import run
from azmlint.report import write
from azmlint.report.options import ReportOptions
from azmlint_rules.locks.declared_lock_blocks_scaling import DeclaredLockBlocksScaling
from azmlint_rules.scale.min_nodes_above_zero import MinNodesAboveZero

pytestmark = pytest.mark.oracles

ESTATES = Path(__file__).parent.parent.parent / "fixtures" / "estates"
DRIVER = Path(__file__).parent / "browser.cjs"
HOSTILE = "</script><img src=x onerror=alert(1)>"
WIDE = {"width": 1360, "height": 900}


class Seen(NamedTuple):
    result: object
    complaints: list[str]
    requests: list[str]


@pytest.fixture(scope="module")
def browse(npm_package, program):
    """Open a file in Chromium and take steps, which are JavaScript with `page` and `axe`."""
    browser = program("chromium", "chromium-browser", "google-chrome")
    node = program("node")
    tools = {
        "playwright": str(npm_package("playwright-core")),
        "axe": str(npm_package("axe-core") / "axe.min.js"),
    }

    def browse(path, steps, *, address="", scheme="light", viewport=WIDE, is_whole=True):
        task = {
            **tools,
            "browser": browser,
            "url": f"{path.as_uri()}{address}",
            "steps": steps,
            "scheme": scheme,
            "viewport": viewport,
            "is_whole": is_whole,
        }
        done = subprocess.run(
            [node, DRIVER], input=json.dumps(task), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        seen = Seen(**json.loads(done.stdout))
        assert (seen.complaints == []) is is_whole
        assert seen.requests == []
        return seen.result

    return browse


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Write the reports of estates: of files, of what is deployed, of quotas."""
    folder = tmp_path_factory.mktemp("pages")
    work = {
        "files": ["check", str(ESTATES / "contoso")],
        "live": ["audit", "--snapshot", str(ESTATES / "contoso-live" / "estate.json")],
        "quota": ["audit", "--snapshot", str(ESTATES / "contoso-quota" / "estate.json")],
    }
    for name, words in work.items():
        config = ESTATES / "contoso" / "azmlint.toml"
        extra = ["--config", str(config)] if name == "files" else []
        run([*words, *extra, "--format", "concise", "--output", f"html={folder / name}.html"])
    return folder


def resource(kind, name, **more):
    return {"type": kind, "apiVersion": "2025-06-01", "name": name, "location": "eastus", **more}


def template(*resources):
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    whole = {"$schema": schema, "contentVersion": "1.0.0.0", "resources": resources}
    return json.dumps(whole, indent=1).encode()


def clusters(workspace, count, nodes=2):
    """Declare a workspace and clusters in it that keep nodes running."""
    properties = {
        "computeType": "AmlCompute",
        "properties": {
            "vmSize": "Standard_D4s_v5",
            "scaleSettings": {"minNodeCount": nodes, "maxNodeCount": 4},
        },
    }
    kind = "Microsoft.MachineLearningServices/workspaces"
    yield resource(kind, workspace)
    for number in range(count):
        name = f"{workspace}/c{number}"
        yield resource(f"{kind}/computes", name, properties=properties)


LOCK = {
    "type": "Microsoft.Authorization/locks",
    "apiVersion": "2020-05-01",
    "name": "keep",
    "properties": {"level": "CanNotDelete"},
}


def written(path, texts, rules):
    report = testing.check(texts, rules)
    path.write_text(write("html", report, ReportOptions()), encoding="utf-8")
    return report


OPEN_EVERYTHING = """
    await page.click("#open-all");
    await page.locator("#estate").scrollIntoViewIfNeeded();
    await page.waitForTimeout(400);
    const choices = page.locator(".way-choice");
    if (await choices.count()) await choices.first().click();
    await page.waitForTimeout(200);
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["files", "live", "quota"])
def test_axe_finds_nothing_to_object_to(browse, pages, name, scheme):
    violations = browse(pages / f"{name}.html", f"{OPEN_EVERYTHING} return axe();", scheme=scheme)

    assert violations == []


def test_axe_finds_nothing_on_a_narrow_screen(browse, pages):
    narrow = {"width": 390, "height": 800}

    violations = browse(
        pages / "files.html",
        f"""{OPEN_EVERYTHING}
        const wide = await page.evaluate("document.documentElement.scrollWidth");
        return [wide, await axe()];""",
        viewport=narrow,
    )

    assert violations == [390, []]


def test_long_names_make_neither_the_page_nor_the_overview_wider(browse, tmp_path):
    path = tmp_path / "long.html"
    texts = {f"{n}.json": template(*clusters(f"ml{n}-{'x' * 300}", 2)) for n in range(3)}
    written(path, texts, [MinNodesAboveZero])

    wide = browse(
        path,
        """return page.evaluate(() => [
          document.documentElement.scrollWidth - document.documentElement.clientWidth,
          ...[...document.querySelectorAll("#families, #workspaces")].map(
            (e) => Math.max(0, ...[e, ...e.querySelectorAll("*")].map((x) =>
              x.classList.contains("scroll") ? x.scrollWidth - x.clientWidth : 0))),
        ]);""",
    )

    assert wide == [0, 0, 0]


def test_a_hostile_name_is_inert_wherever_it_is_shown(browse, tmp_path):
    path = tmp_path / "hostile.html"
    resources = [*clusters(f"ml{HOSTILE}", 2), {**LOCK, "name": HOSTILE}]
    texts = {f"{HOSTILE}.json": template(*resources)}
    written(path, texts, [MinNodesAboveZero, DeclaredLockBlocksScaling])

    images, shown = browse(
        path,
        f"""{OPEN_EVERYTHING}
        await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
        await page.focus("#filter-path");
        await page.focus("#filter-workspace");
        return page.evaluate(() => [
          document.querySelectorAll("img").length,
          document.body.innerText.split("onerror=alert(1)").length - 1,
        ]);""",
    )

    assert images == 0
    assert shown > 10


def test_what_cannot_be_shown_is_said(browse, pages, tmp_path):
    text = (pages / "files.html").read_text(encoding="utf-8")
    path = tmp_path / "broken.html"
    path.write_text(text.replace('"nodes":[', '"nudes":[', 1), encoding="utf-8")

    said = browse(path, "return page.textContent('#trouble');", is_whole=False)

    assert said.startswith("A part of this page could not be shown")


def test_a_script_that_was_changed_does_not_run(browse, pages, tmp_path):
    text = (pages / "files.html").read_text(encoding="utf-8")
    path = tmp_path / "changed.html"
    path.write_text(text.replace("start();", "start(); document.title = 1;"), encoding="utf-8")

    title = browse(path, "return page.title();", is_whole=False)

    assert title.startswith("azmlint report")


COUNT = """
    const count = async () => (await page.locator("#finding-table .status").textContent());
    const rows = () => page.locator(".findings tbody tr").count();
"""


def test_filters_search_and_address_choose_the_findings(browse, pages):
    text = (pages / "files.html").read_text(encoding="utf-8")
    data = json.loads(text.partition('id="data">')[2].partition("</script>")[0])
    found = [f for f in data["findings"] if "suppressed" not in f]

    got = browse(
        pages / "files.html",
        COUNT
        + """
        const seen = {};
        seen.all = await count();
        await page.uncheck("#filter-warning");
        seen.errors = await count();
        await page.selectOption("#filter-family", "locks");
        seen.locks = await count();
        seen.address = new URL(page.url()).hash;
        await page.click("#filters button[type=reset]");
        // The page counts again after the form is empty, which is after the click.
        for (let i = 0; i < 80 && (await count()) !== seen.all; i++) await page.waitForTimeout(25);
        seen.reset = await count();
        await page.fill("#filter-workspace", "mlw-lab");
        seen.workspace = await count();
        await page.fill("#filter-workspace", "");
        await page.fill("#filter-path", "infra/");
        seen.path = await count();
        await page.fill("#filter-path", "");
        await page.fill("#filter-text", "SUBNET nodes");
        seen.text = await count();
        await page.fill("#filter-text", "no such thing at all");
        seen.none = await rows();
        await page.click("#filters button[type=reset]");
        await page.click("#families a");
        seen.family = await page.inputValue("#filter-family");
        return seen;""",
    )

    def counted(*wanted):
        number = sum(all(w(f) for w in wanted) for f in found)
        return f"{number} finding" if number == 1 else f"{number} findings"

    def is_error(f):
        return f["level"] != "warning"

    assert got["all"] == got["reset"] == counted()
    assert got["errors"] == counted(is_error)
    assert got["locks"] == counted(is_error, lambda f: f["family"] == "locks")
    assert "family=locks" in got["address"]
    assert got["workspace"] == counted(lambda f: "mlw-lab" in f["workspaces"])
    assert got["path"] == counted(lambda f: "infra/" in f["path"])
    assert 0 < int(got["text"].split()[0]) < len(found)
    assert got["none"] == 1
    assert got["family"]


def test_an_address_with_filters_or_a_finding_opens_there(browse, pages):
    listed = browse(
        pages / "files.html",
        COUNT + "return [await count(), await page.isChecked('#filter-warning')];",
        address="#list=1&family=locks&severity=error",
    )
    print_ = browse(
        pages / "files.html",
        "return page.evaluate(() => JSON.parse(byId('data').textContent).findings.at(-2).print);",
    )
    opened = browse(
        pages / "files.html",
        "return page.evaluate(() => [document.activeElement.id, "
        "document.querySelectorAll('.detail').length]);",
        address=f"#finding={print_}",
    )

    assert listed == ["2 findings", False]
    assert opened[0].startswith(f"open-{print_}")
    assert opened[1] == 1


def test_everything_can_be_done_with_the_keyboard(browse, pages):
    seen = browse(
        pages / "files.html",
        """
        const here = () => page.evaluate(() => {
          const { activeElement: e } = document;
          const { outlineStyle, outlineWidth } = getComputedStyle(e);
          return { kind: e.className, outline: outlineStyle + outlineWidth };
        });
        const seen = [];
        await page.keyboard.press("Tab");
        seen.push((await here()).kind);
        await page.keyboard.press("Enter");
        for (let n = 0; n < 60; n += 1) {
          await page.keyboard.press("Tab");
          if ((await here()).kind === "opener") break;
        }
        seen.push((await here()).kind, (await here()).outline);
        await page.keyboard.press("Enter");
        seen.push(await page.getAttribute(".opener", "aria-expanded"));
        await page.keyboard.press("Space");
        seen.push(await page.getAttribute(".opener", "aria-expanded"));
        await page.focus(".way-choice");
        await page.keyboard.press("Enter");
        seen.push(await page.getAttribute("#graph", "aria-label"));
        seen.push((await here()).kind);
        seen.push(await page.locator(".way-choice[aria-pressed=true]").count());
        return seen;""",
    )

    assert seen[:5] == ["skip", "opener", "solid2px", "true", "false"]
    assert "The path of one finding is lit up" in seen[5]
    assert seen[6:] == ["way-choice", 1]


def test_the_drawing_is_drawn_and_lights_up_one_way(browse, pages):
    before, after, drawn = browse(
        pages / "live.html",
        """
        await page.locator("#graph").scrollIntoViewIfNeeded();
        await page.waitForSelector("#graph canvas");
        const label = () => page.getAttribute("#graph", "aria-label");
        const before = await label();
        await page.locator(".way-choice").first().click();
        await page.waitForTimeout(300);
        const drawn = await page.evaluate(() =>
          [...document.querySelectorAll("#graph canvas")].some((canvas) => {
            const { width, height } = canvas;
            const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
            return data.some((value) => value !== 0);
          }));
        return [before, await label(), drawn];""",
    )

    assert "5 paths of findings lit up" in before
    assert "The path of one finding is lit up" in after
    assert drawn is True


def test_a_printed_page_has_every_finding_with_its_source(browse, pages):
    seen = browse(
        pages / "files.html",
        """
        await page.emulateMedia({ media: "print" });
        await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
        const printed = await page.evaluate(() => [
          document.querySelectorAll(".detail pre").length,
          getComputedStyle(document.querySelector("nav")).display,
        ]);
        await page.evaluate(() => dispatchEvent(new Event("afterprint")));
        return [...printed, await page.locator(".detail").count()];""",
        scheme="dark",
    )

    assert seen[0] >= 39
    assert seen[1:] == ["none", 0]


def test_five_thousand_findings_are_a_page_at_a_time(browse, tmp_path):
    path = tmp_path / "many.html"
    texts = {f"team{n}/main.json": template(*clusters(f"ml{n}", 50), LOCK) for n in range(100)}
    report = written(path, texts, [MinNodesAboveZero, DeclaredLockBlocksScaling])
    assert len(report.findings) >= 5_000

    seen = browse(
        path,
        COUNT
        + """
        const seen = {};
        seen.elements = await page.evaluate(() => document.querySelectorAll("*").length);
        seen.first = await count();
        seen.rows = await rows();
        await page.locator("#finding-table .pager button").last().click();
        seen.second = await count();
        await page.fill("#filter-text", "c49 ml99");
        seen.found = await count();
        await page.click("#filters button[type=reset]");
        await page.locator("#graph").scrollIntoViewIfNeeded();
        await page.waitForSelector("#graph canvas");
        await page.fill("#view", "Workspace ml42");
        await page.locator("#view").dispatchEvent("change");
        seen.label = await page.getAttribute("#graph", "aria-label");
        seen.violations = await axe();
        return seen;""",
    )

    assert seen["elements"] < 1_500
    assert seen["first"].startswith("1\u201350 of 5,")
    assert seen["rows"] == 50
    assert seen["second"].startswith("51\u2013100 of 5,")
    assert seen["found"] == "1 finding"
    assert seen["label"].startswith("Workspace ml42: 5")
    assert seen["violations"] == []
