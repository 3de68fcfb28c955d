"use strict";

// The list of findings: filters, which the address keeps, and what is known of each finding.

const FILTERS = ["text", "family", "rule", "workspace", "path"];
const MOST_PRINTED = 500;

function hashOf(filter) {
  return `#${new URLSearchParams({ list: "1", ...filter })}`;
}

function filterLink(level) {
  if (level === "suppressed") return hashOf({ suppressed: "only" });
  return hashOf({ severity: level });
}

class FindingList {
  constructor(data, showWay) {
    this.data = data;
    this.showWay = showWay;
    for (const finding of data.findings) finding.haystack = haystack(finding);
    this.onlySuppressed = false;
    this.fillChoices();
    const note = make("p", { class: "print-only", id: "print-note" });
    const columns = [
      {
        title: "Severity",
        class: "severity",
        sort: (f) => LEVELS.indexOf(f.level),
        cell: (f) => [
          levelMark(f.level),
          f.suppressed ? make("span", { class: "tag" }, "Suppressed") : null,
        ],
      },
      {
        title: "Finding",
        class: "message",
        sort: (f) => f.rule,
        cell: (f, table) => [
          table.opener(f, f.message),
          make("span", { class: "rule" }, f.rule, make("span", { class: "family" }, f.family)),
        ],
      },
      {
        title: "Resource",
        class: "resource",
        sort: (f) => f.name.toLowerCase(),
        cell: (f) => [
          make("span", { class: "name" }, f.name),
          make("span", { class: "muted" }, [f.kind, workspaceText(f)].filter(Boolean).join(" · ")),
        ],
      },
      {
        title: "Place",
        class: "place",
        sort: (f) => f.path.toLowerCase(),
        cell: (f) => placeText(f),
      },
    ];
    this.table = new PagedTable(byId("finding-table"), columns, {
      caption:
        "Findings that the filters leave, one page at a time; a finding's button shows its source and fixes",
      hideCaption: true,
      class: "findings",
      size: 50,
      rows: [],
      word: "finding",
      empty: "No finding is left by these filters.",
      key: (f) => `${f.print}-${f.place}`,
      expand: (f) => this.detail(f),
      tools: make(
        "button",
        { type: "button", onclick: () => this.openAll(), id: "open-all" },
        "Open all on this page",
      ),
    });
    byId("finding-table").prepend(note);
    this.table.order = { column: columns[0], down: false };
    this.listen();
    this.apply();
  }

  fillChoices() {
    const findings = this.data.findings;
    const option = (value, text) => make("option", { value }, text);
    const choices = (id, name, any) => {
      const counts = new Map();
      for (const f of findings) counts.set(f[name], (counts.get(f[name]) || 0) + 1);
      const sorted = [...counts].sort((a, b) => compared(a[0], b[0]));
      replace(
        byId(id),
        option("", any),
        sorted.map(([value, count]) => option(value, `${value} (${count})`)),
      );
    };
    choices("filter-family", "family", "Any");
    choices("filter-rule", "rule", "Any");
    const unique = (values) => [...new Set(values)].sort();
    const workspaces = unique(findings.flatMap((f) => f.workspaces || []));
    suggest(byId("filter-workspace"), byId("filter-workspaces"), workspaces);
    suggest(byId("filter-path"), byId("filter-paths"), unique(findings.map((f) => f.path)));
    const suppressed = findings.filter((f) => f.suppressed).length;
    byId("suppressed-count").textContent = `(${shownNumber(suppressed)})`;
    byId("filter-suppressed-field").hidden = !suppressed;
  }

  listen() {
    const form = byId("filters");
    form.addEventListener("input", () => this.changed());
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(() => this.changed(), 0));
    byId("filter-suppressed").addEventListener("input", () => {
      this.onlySuppressed = false;
    });
    addEventListener("hashchange", () => this.followAddress());
    addEventListener("beforeprint", () => this.unfold());
    addEventListener("afterprint", () => this.fold());
  }

  changed() {
    if (!byId("filter-suppressed").checked) this.onlySuppressed = false;
    const query = new URLSearchParams();
    for (const name of FILTERS) {
      const value = byId(`filter-${name}`).value;
      if (value) query.set(name, value);
    }
    const levels = LEVELS.filter((level) => byId(`filter-${level}`).checked);
    if (levels.length < LEVELS.length) query.set("severity", levels.join(","));
    if (byId("filter-suppressed").checked)
      query.set("suppressed", this.onlySuppressed ? "only" : "yes");
    const text = query.toString();
    history.replaceState(null, "", text ? `#list=1&${text}` : location.pathname + location.search);
    this.apply();
  }

  /** Take the filters from the address, as a link of the overview or of a colleague has them. */
  followAddress() {
    const text = location.hash.slice(1);
    if (text.startsWith("finding=")) return this.open(decodeURIComponent(text.slice(8)));
    if (!text.startsWith("list=")) return;
    const query = new URLSearchParams(text);
    for (const name of FILTERS) byId(`filter-${name}`).value = query.get(name) || "";
    const levels = query.has("severity") ? query.get("severity").split(",") : LEVELS;
    for (const level of LEVELS) byId(`filter-${level}`).checked = levels.includes(level);
    this.onlySuppressed = query.get("suppressed") === "only";
    byId("filter-suppressed").checked = query.has("suppressed");
    this.apply();
    byId("findings").scrollIntoView();
    byId("findings").focus({ preventScroll: true });
  }

  apply() {
    const value = (name) => byId(`filter-${name}`).value.trim();
    const words = value("text").toLowerCase().split(/\s+/).filter(Boolean);
    const levels = new Set(LEVELS.filter((level) => byId(`filter-${level}`).checked));
    const [family, rule] = [value("family"), value("rule")];
    const [workspace, path] = [value("workspace").toLowerCase(), value("path").toLowerCase()];
    const withSuppressed = byId("filter-suppressed").checked;
    const isShown = (f) =>
      levels.has(f.level) &&
      (f.suppressed ? withSuppressed : !this.onlySuppressed) &&
      (!family || f.family === family) &&
      (!rule || f.rule === rule) &&
      (!workspace || (f.workspaces || []).some((name) => name.toLowerCase().includes(workspace))) &&
      (!path || f.path.toLowerCase().includes(path)) &&
      words.every((word) => f.haystack.includes(word));
    this.table.show(this.data.findings.filter(isShown));
  }

  openAll() {
    const { table } = this;
    const { size } = table.options;
    const rows = table.sorted.slice(table.page * size, (table.page + 1) * size);
    const isOpen = (f) => table.open.has(table.options.key(f));
    const close = rows.every(isOpen);
    for (const f of rows) {
      if (close) table.open.delete(table.options.key(f));
      else table.open.add(table.options.key(f));
    }
    byId("open-all").textContent = close ? "Open all on this page" : "Close all on this page";
    table.draw();
  }

  /** Show the finding of a fingerprint, whatever the filters are. */
  open(print) {
    const finding = this.data.findings.find((f) => f.print === print);
    if (!finding) return;
    if (!this.table.rows.includes(finding)) {
      byId("filters").reset();
      byId("filter-suppressed").checked = Boolean(finding.suppressed);
      this.onlySuppressed = false;
      this.apply();
    }
    this.table.reveal(finding);
  }

  /** Open what is printed, which is all that the filters leave. */
  unfold() {
    const { table } = this;
    this.kept = new Set(table.open);
    for (const f of table.sorted.slice(0, MOST_PRINTED)) table.open.add(table.options.key(f));
    PagedTable.unfold(MOST_PRINTED);
    const left = table.sorted.length - MOST_PRINTED;
    byId("print-note").textContent =
      left > 0 ? `${counted(left, "more finding")} not printed: filter to print them.` : "";
  }

  fold() {
    this.table.open = this.kept;
    PagedTable.unfold(null);
  }

  detail(f) {
    const rule = this.data.rules[f.rule];
    return make(
      "div",
      { class: "detail-body" },
      rule ? make("p", { class: "summary" }, rule.summary) : null,
      f.suppressed ? suppressedText(f.suppressed) : null,
      excerpt(f, f.excerpt),
      (f.origins || []).map((origin) => [
        make("p", { class: "origin" }, `${origin.text}:`),
        excerpt(origin, origin.excerpt),
      ]),
      f.worlds ? textList("Holds when", f.worlds) : null,
      this.related(f),
      (f.fixes || []).map(fixBlock),
      f.no_fix ? make("p", {}, make("b", {}, "No fix: "), f.no_fix) : null,
      f.way ? this.wayBlock(f) : null,
      make(
        "p",
        { class: "links" },
        rule && rule.uri
          ? make("a", { href: rule.uri, rel: "noreferrer" }, `About ${f.rule}`)
          : null,
        make("a", { href: `#finding=${f.print}` }, "Link to this finding"),
      ),
    );
  }

  related(f) {
    if (!f.related) return null;
    const left = f.related_count - f.related.length;
    const items = f.related.map((r) =>
      make("li", {}, r.text, " ", make("span", { class: "muted" }, placeText(r))),
    );
    if (left > 0) items.push(make("li", { class: "muted" }, `and ${shownNumber(left)} more`));
    return make("div", {}, make("h3", {}, "Related"), make("ul", { class: "plain" }, items));
  }

  wayBlock(f) {
    const show = () => this.showWay(f);
    return make(
      "div",
      { class: "way" },
      make("h3", {}, "Way through the estate"),
      wayList(this.data, f.way),
      make("button", { type: "button", class: "no-print", onclick: show }, "Show in the estate"),
    );
  }
}

function haystack(f) {
  const fixes = (f.fixes || []).map((fix) => fix.title);
  const parts = [
    f.message,
    f.rule,
    f.family,
    f.level,
    f.kind,
    f.name,
    f.path,
    ...(f.workspaces || []),
    ...fixes,
  ];
  return parts.join("\n").toLowerCase();
}

function workspaceText(f) {
  const names = f.workspaces || [];
  if (!names.length || (f.kind === "workspace" && names.length === 1)) return "";
  return names.length === 1 ? names[0] : `${names[0]} and ${names.length - 1} more`;
}

function placeText(f) {
  if (f.line === undefined)
    return make("span", { class: "spot", title: f.path }, f.short || f.path);
  const cell = f.cell ? ` (${f.cell})` : "";
  return make(
    "span",
    { class: "spot" },
    f.path,
    make("span", { class: "line" }, `:${f.line}:${f.column}${cell}`),
  );
}

function suppressedText(suppressed) {
  const until = suppressed.until ? `, until ${suppressed.until}` : "";
  const reason = suppressed.reason || "no reason is given";
  return make("p", {}, make("b", {}, `Suppressed by ${suppressed.by}${until}: `), reason);
}

function textList(title, texts) {
  return make(
    "div",
    {},
    make("h3", {}, title),
    make(
      "ul",
      { class: "plain" },
      texts.map((t) => make("li", {}, t)),
    ),
  );
}

/** Show lines of a file with their numbers; what is meant is marked. */
function excerpt(where, lines) {
  if (!lines.some(([, before, marked, after]) => (before + marked + after).trim())) return null;
  const rows = lines.map(([number, before, marked, after]) =>
    make(
      "span",
      { class: marked ? "code-line hit" : "code-line" },
      make("span", { class: "line-number", "aria-hidden": "true" }, number),
      make(
        "span",
        { class: "line-text" },
        before,
        marked ? make("mark", {}, marked) : null,
        after,
        "\n",
      ),
    ),
  );
  const name = where.line === undefined ? where.short || where.path : `${where.path}:${where.line}`;
  return make(
    "figure",
    { class: "code" },
    make("figcaption", {}, name),
    make(
      "pre",
      { tabindex: "0", role: "group", "aria-label": `Source: ${name}` },
      make("code", {}, rows),
    ),
  );
}

function fixBlock(fix) {
  return make(
    "div",
    { class: "fix" },
    make(
      "h3",
      {},
      `Fix: ${fix.title}`,
      fix.trust ? make("span", { class: "trust" }, fix.trust) : null,
    ),
    fix.hunks.map((hunk) =>
      make(
        "figure",
        { class: "code" },
        make("figcaption", {}, `${hunk.path}:${hunk.line}`),
        make(
          "pre",
          { tabindex: "0", role: "group", "aria-label": `Change of ${hunk.path}` },
          make(
            "code",
            {},
            hunk.old.map((line) => diffLine("-", line)),
            hunk.new.map((line) => diffLine("+", line)),
          ),
        ),
      ),
    ),
    fix.steps.length ? make("p", { class: "muted" }, "For what is deployed:") : null,
    fix.steps.map((step) =>
      make(
        "div",
        { class: "step-block" },
        make(
          "pre",
          { tabindex: "0", role: "group", "aria-label": "Command", class: "command" },
          make("code", {}, step.command),
        ),
        make("p", { class: "muted" }, `needs ${step.needs}`),
        step.undo ? make("p", { class: "muted" }, `undone by ${step.undo}`) : null,
      ),
    ),
  );
}

function diffLine(sign, line) {
  const kind = sign === "-" ? "old" : "new";
  return make(
    "span",
    { class: `code-line ${kind}` },
    make("span", { class: "line-number" }, sign),
    make("span", { class: "line-text" }, line, "\n"),
  );
}

/** Spell the way of a finding: one line for each end that it leads to. */
function wayList(data, way) {
  const before = new Map(way.steps);
  const inner = new Set(way.steps.map(([, from]) => from));
  const ends = way.steps.map(([node]) => node).filter((node) => !inner.has(node));
  const shown = ends.slice(0, 8).map((end) => {
    const steps = [];
    for (let node = end; node >= 0; node = before.get(node)) steps.unshift(node);
    const names = steps.flatMap((node, place) => {
      const { kind, name } = data.estate.nodes[node];
      const label = make(
        "span",
        { class: "step" },
        make("span", { class: "muted" }, kind),
        " ",
        name,
      );
      return place ? [" → ", label] : [label];
    });
    return make("li", {}, names);
  });
  const left = ends.length - shown.length + way.more;
  if (left > 0) shown.push(make("li", { class: "muted" }, `and ${shownNumber(left)} more`));
  return make("ul", { class: "plain ways" }, shown);
}
