"use strict";

// The overview: how many of what, by family and by workspace. Each figure leads to its findings.

function showOverview(data) {
  const all = tally(data.findings);
  const tile = (level, count, name) => {
    const link = make("a", { href: filterLink(level), class: `tile ${level}` });
    append(link, [make("strong", {}, shownNumber(count)), make("span", {}, name)]);
    return make("li", {}, link);
  };
  const plural = (level, count) => `${LEVEL_NAMES[level]}${count === 1 ? "" : "s"}`;
  replace(
    byId("tiles"),
    LEVELS.map((level) => tile(level, data.counts[level], plural(level, data.counts[level]))),
    tile("suppressed", all.suppressed, "Suppressed"),
    make(
      "li",
      {},
      make(
        "a",
        { href: "#gaps", class: `tile ${data.failures.length ? "failed" : "plain"}` },
        make("strong", {}, shownNumber(gapCount(data))),
        make("span", {}, "Not judged"),
      ),
    ),
  );
  const run = byId("run");
  const taken = data.taken ? ` What is deployed was read at ${data.taken}. ` : " ";
  if (data.complete) {
    run.textContent = `The run is complete and ended with exit code ${data.exit_code}.${taken}`;
  } else {
    replace(
      run,
      `The run is incomplete: ${counted(data.failures.length, "thing")} could not be read or judged, so that findings may be missing.${taken}`,
      make("a", { href: "#gaps" }, "What failed"),
    );
  }
  if (data.below) {
    const text = `${counted(data.below, "finding")} below the lowest severity asked for ${data.below === 1 ? "is" : "are"} counted and not listed.`;
    run.after(make("p", { class: "muted" }, text));
  }
  const families = grouped(data.findings, (finding) => [finding.family || "other"]);
  summaryTable("families", "Findings by family", "Family", families, (name) => ({ family: name }));
  const workspaces = grouped(data.findings, (finding) => finding.workspaces || []);
  summaryTable("workspaces", "Findings by workspace", "Workspace", workspaces, (name) => ({
    workspace: name,
  }));
  const without = data.findings.filter((f) => !f.suppressed && !(f.workspaces || []).length).length;
  if (without) {
    const text = `${counted(without, "finding")} ${without === 1 ? "is" : "are"} about no workspace that is known.`;
    byId("workspaces").after(make("p", { class: "muted aside" }, text));
  }
}

function gapCount(data) {
  return data.failures.length + data.skipped.length + data.undecided_count;
}

/** Count findings by each of the names that `names` gives for them, the worst first. */
function grouped(findings, names) {
  const groups = new Map();
  for (const finding of findings) {
    for (const name of names(finding)) {
      if (!groups.has(name)) groups.set(name, []);
      groups.get(name).push(finding);
    }
  }
  const rows = [...groups].map(([name, members]) => ({ name, ...tally(members) }));
  return rows.sort(
    (a, b) =>
      b.error - a.error || b.warning - a.warning || b.note - a.note || compared(a.name, b.name),
  );
}

function summaryTable(id, caption, title, rows, filter) {
  const figure = (level, name) => ({
    title: name,
    class: "number",
    sort: (row) => row[level],
    cell: (row) => (row[level] ? shownNumber(row[level]) : make("span", { class: "zero" }, "0")),
  });
  const columns = [
    {
      title,
      head: true,
      sort: (row) => row.name.toLowerCase(),
      cell: (row) => make("a", { href: hashOf(filter(row.name)) }, row.name),
    },
    { title: "", class: "share", cell: (row) => shareBar(row, rows) },
    figure("error", "Errors"),
    figure("warning", "Warnings"),
    figure("note", "Notes"),
    figure("suppressed", "Suppressed"),
  ];
  columns[1].title = make("span", { class: "unseen" }, "Share");
  new PagedTable(byId(id), columns, {
    caption,
    hideCaption: true,
    class: "counts",
    size: 12,
    rows,
    quiet: true,
    word: title.toLowerCase(),
    empty: `No finding is about ${title === "Family" ? "a family" : "a workspace"}.`,
  });
}

/** Draw the levels of a row side by side, as wide as their share of the largest row. */
function shareBar(row, rows) {
  const size = (entry) => entry.error + entry.warning + entry.note;
  const most = Math.max(1, ...rows.map(size));
  const bar = make("span", { class: "share-bar", "aria-hidden": "true" });
  for (const level of LEVELS) {
    if (!row[level]) continue;
    const part = make("span", { class: level });
    part.style.width = `${(100 * row[level]) / most}%`;
    bar.append(part);
  }
  return bar;
}
