"use strict";

// The estate: a drawing, whose positions come with the data, and the same as a table. The ways of
// lock and network findings are lit up, all at once or one alone.

const MOST_CHOICES = 60;
const LARGEST_FIT = 1.2;

class EstateView {
  constructor(data) {
    this.data = data;
    this.estate = data.estate;
    this.host = byId("estate-body");
    this.lit = null;
    this.cy = null;
    if (!this.estate) {
      replace(this.host, notice("There is no resource to draw."));
      return;
    }
    this.related();
    this.ways = data.findings.filter((finding) => finding.way && !finding.suppressed);
    this.build();
    if (this.estate.views.length) this.choose(0);
  }

  /** Say in words what each node has to do with others. */
  related() {
    const { nodes, edges } = this.estate;
    const passive = {
      locks: "locked by",
      uses: "used by",
      reaches: "reached by",
      on: "carries",
      "runs as": "identity of",
      "filtered by": "filters",
      "routed by": "routes",
      "goes out by": "way out of",
    };
    for (const node of nodes) node.relations = [];
    for (const [from, to, relation] of edges) {
      nodes[from].relations.push(`${relation} ${nodes[to].name}`);
      if (passive[relation]) nodes[to].relations.push(`${passive[relation]} ${nodes[from].name}`);
    }
  }

  build() {
    const { nodes, views, largest } = this.estate;
    const button = (text, label, act) =>
      make("button", { type: "button", onclick: act, "aria-label": label }, text);
    this.graph = make("div", { id: "graph", role: "img" });
    this.printed = make("div", { class: "print-only" });
    this.info = make("div", { class: "info", role: "status", id: "graph-info" });
    this.allWays = make(
      "button",
      { type: "button", onclick: () => this.light(null) },
      "Light up all paths",
    );
    const paths = make("div", { class: "paths" });
    const drawing = make(
      "div",
      { class: "drawing" },
      make(
        "div",
        { class: "drawing-tools" },
        this.chooser(),
        make(
          "div",
          { class: "zoom" },
          button("+", "Zoom in", () => this.zoom(1.3)),
          button("−", "Zoom out", () => this.zoom(1 / 1.3)),
          button("Fit", "Fit what is lit up into the frame", () => this.fit()),
        ),
      ),
      this.graph,
      this.printed,
      this.legend(),
      this.info,
    );
    const side = make("div", { class: "side" }, make("h3", {}, "Paths"), this.allWays, paths);
    const text =
      nodes.length > largest
        ? `${shownNumber(nodes.length)} resources and scopes are more than one drawing can show: each workspace is drawn with what it depends on. The table has everything.`
        : null;
    const table = make("div");
    replace(
      this.host,
      text ? make("p", { class: "muted" }, text) : null,
      views.length ? make("div", { class: "card estate" }, drawing, side) : null,
      make("div", { class: "card" }, make("h3", {}, "Resources and how they relate"), table),
    );
    this.choices = new PagedTable(
      paths,
      [
        {
          title: make("span", { class: "unseen" }, "Path"),
          cell: (finding) => this.wayChoice(finding),
        },
      ],
      {
        caption: "Lock and network findings with a path through the estate",
        hideCaption: true,
        size: 6,
        rows: [...this.ways].sort((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level)),
        word: "path",
        empty: "No lock or network finding has a path.",
      },
    );
    this.allWays.hidden = !this.ways.length;
    this.tableOf(table);
    this.watch();
  }

  chooser() {
    const { views } = this.estate;
    const id = "view";
    const label = make("label", { for: id }, "Drawn");
    if (views.length <= MOST_CHOICES) {
      this.view = make(
        "select",
        { id, onchange: () => this.choose(this.view.selectedIndex) },
        views.map((view) => make("option", {}, view.title)),
      );
      return make("div", { class: "field" }, label, this.view);
    }
    const list = make("datalist", { id: "views" });
    const titles = views.map((view) => view.title);
    const chosen = () => {
      const place = titles.indexOf(this.view.value);
      if (place >= 0) this.choose(place);
    };
    this.view = make("input", { id, type: "search", list: "views", onchange: chosen });
    suggest(this.view, list, titles);
    return make("div", { class: "field" }, label, this.view, list);
  }

  legend() {
    const entry = (kind, text) => make("li", {}, make("span", { class: `key ${kind}` }), text);
    return make(
      "ul",
      { class: "legend", "aria-label": "Legend" },
      entry("error", "has errors"),
      entry("warning", "has warnings"),
      entry("way", "path of a finding"),
      entry("referred", "only referred to"),
    );
  }

  wayChoice(finding) {
    const show = () => this.showFinding(finding, true);
    const isLit = this.lit === finding;
    const properties = {
      type: "button",
      class: "way-choice",
      title: finding.message,
      onclick: show,
    };
    return make(
      "button",
      { ...properties, "aria-pressed": String(isLit), "data-place": finding.place },
      levelMark(finding.level),
      make("span", {}, finding.message),
    );
  }

  tableOf(host) {
    const total = (node) => node.counts[0] + node.counts[1] + node.counts[2];
    const found = (node) => {
      if (!total(node)) return make("span", { class: "zero" }, "0");
      return make("a", { href: hashOf({ text: node.name }) }, counted(total(node), "finding"));
    };
    const columns = [
      {
        title: "Name",
        head: true,
        sort: (n) => n.name.toLowerCase(),
        cell: (n) => make("span", { title: n.id }, n.name),
      },
      {
        title: "Kind",
        sort: (n) => n.kind,
        cell: (n) =>
          n.declared ? n.kind : [n.kind, make("span", { class: "muted" }, " (referred to)")],
      },
      {
        title: "Relations",
        class: "words",
        sort: (n) => n.relations.length,
        cell: (n) => {
          const left = n.relations.length - 6;
          return (
            n.relations.slice(0, 6).join("; ") + (left > 0 ? `; and ${shownNumber(left)} more` : "")
          );
        },
      },
      { title: "Findings", class: "number", sort: total, cell: found },
    ];
    this.table = new PagedTable(host, columns, {
      caption: "Resources and scopes, what each relates to, and how many findings it has",
      hideCaption: true,
      size: 15,
      rows: this.estate.nodes,
      word: "resource",
    });
  }

  /** Draw when it comes into sight: a long report need not wait for it. */
  watch() {
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        observer.disconnect();
        this.draw();
      },
      { rootMargin: "300px" },
    );
    observer.observe(this.graph);
    addEventListener("beforeprint", () => replace(this.printed, this.picture()));
    addEventListener("afterprint", () => replace(this.printed));
  }

  choose(place) {
    this.current = this.estate.views[place];
    if (this.view.tagName === "SELECT") this.view.selectedIndex = place;
    else this.view.value = this.current.title;
    this.shown = new Set(this.current.boxes.map((box) => box[0]));
    this.tell();
    if (this.cy) {
      this.cy.destroy();
      this.cy = null;
      this.draw();
    }
  }

  /** Say what the drawing shows to those who do not see it. */
  tell(text) {
    const lit = this.lit
      ? "The path of one finding is lit up."
      : `${counted(this.ways.filter((f) => this.fits(f)).length, "path")} of findings lit up.`;
    const size = counted(this.shown.size, "resource");
    this.graph.setAttribute(
      "aria-label",
      `${this.current.title}: ${size}. ${lit} The table below has the same data.`,
    );
    replace(this.info, text || lit);
  }

  fits(finding) {
    return finding.way.steps.some(([node]) => this.shown.has(node));
  }

  draw() {
    if (this.cy || !this.current) return;
    this.cy = cytoscape({
      container: this.graph,
      elements: this.elements(),
      style: this.style(),
      layout: { name: "preset", fit: true, padding: 16 },
      minZoom: 0.05,
      maxZoom: 3,
      userZoomingEnabled: false,
      boxSelectionEnabled: false,
      autoungrabify: true,
      autounselectify: true,
    });
    this.cy.on("tap", "node", (event) => this.describe(event.target.data("number")));
    if (!this.hasWheel) {
      this.hasWheel = true;
      this.graph.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    }
    this.paint();
  }

  elements() {
    const { nodes, edges } = this.estate;
    const drawn = this.current.boxes.map(([number, x, y, width, height, isContainer], order) => {
      const node = nodes[number];
      const level = LEVELS[node.counts.findIndex((count) => count > 0)];
      const classes = [
        isContainer ? "container" : "leaf",
        level,
        node.declared ? "" : "referred",
        node.kind === "lock" ? "lock" : "",
      ];
      return {
        data: {
          id: `n${number}`,
          number,
          width,
          height,
          order,
          label: nodeLabel(node, isContainer, width),
        },
        position: { x, y },
        classes: classes.filter(Boolean).join(" "),
      };
    });
    const lines = edges
      .filter(
        ([from, to, relation]) => relation !== "in" && this.shown.has(from) && this.shown.has(to),
      )
      .map(([from, to, relation]) => ({
        data: { id: `e${from}-${to}`, source: `n${from}`, target: `n${to}`, relation },
        classes: relation === "locks" ? "locks" : "",
      }));
    return [...drawn, ...lines];
  }

  /** Draw the same without cytoscape, whose canvas is not ready in time for a printer. */
  picture() {
    const { nodes, edges } = this.estate;
    const { boxes, title } = this.current;
    const lit = new Set();
    for (const { way } of this.lit ? [this.lit] : this.ways) {
      for (const [node, before] of way.steps)
        lit.add(node).add(`${node} ${before}`).add(`${before} ${node}`);
    }
    const middle = new Map(
      boxes.map(([number, x, y, width]) => [number, { x, y, left: x - width / 2 }]),
    );
    const right = Math.max(...boxes.map(([, x, , width]) => x + width / 2));
    const bottom = Math.max(...boxes.map(([, , y, , height]) => y + height / 2));
    const shapes = boxes.map(([number, x, y, width, height, isContainer]) => {
      const node = nodes[number];
      const level = LEVELS[node.counts.findIndex((count) => count > 0)] || "";
      const kind = [
        isContainer ? "container" : "leaf",
        level,
        lit.has(number) ? "way" : "",
        node.declared ? "" : "referred",
      ];
      const at = {
        x: x - width / 2,
        y: y - height / 2,
        width,
        height,
        rx: 6,
        class: kind.join(" "),
      };
      const lines = nodeLabel(node, isContainer, width).split("\n");
      const first = isContainer ? y - height / 2 + 18 : y - 3;
      const texts = lines.map((line, place) => draw("text", { x, y: first + 15 * place }, line));
      return [draw("rect", at), texts];
    });
    const lines = edges
      .filter(([from, to, relation]) => relation !== "in" && middle.has(from) && middle.has(to))
      .map(([from, to, relation]) => {
        const [a, b] = [middle.get(from), middle.get(to)];
        const x2 = relation === "locks" ? b.left : b.x;
        return draw("line", {
          x1: a.x,
          y1: a.y,
          x2,
          y2: b.y,
          class: lit.has(`${from} ${to}`) ? "way" : "",
        });
      });
    const first = boxes.filter((box) => box[5]).length;
    return [
      make("p", { class: "muted" }, title),
      draw(
        "svg",
        { viewBox: `-4 -4 ${right + 8} ${bottom + 8}`, class: "picture" },
        shapes.slice(0, first),
        lines,
        shapes.slice(first),
      ),
    ];
  }

  /** Give cytoscape the colours of the page, which depend on its theme. */
  style() {
    const color = (name) => resolvedColor(name);
    return [
      {
        selector: "node",
        style: {
          shape: "round-rectangle",
          "corner-radius": 6,
          width: "data(width)",
          height: "data(height)",
          label: "data(label)",
          "font-family": getComputedStyle(document.body).fontFamily,
          "font-size": 12,
          "line-height": 1.3,
          color: color("--text"),
          "text-wrap": "wrap",
          "text-valign": "center",
          "text-halign": "center",
          "background-color": color("--card"),
          "border-width": 1,
          "border-color": color("--line-strong"),
          "z-index-compare": "manual",
          "z-index": "data(order)",
        },
      },
      {
        selector: "node.container",
        style: {
          "background-color": color("--box"),
          "background-opacity": 0.55,
          "text-valign": "top",
          "text-margin-y": 24,
          "font-weight": 600,
          color: color("--muted"),
        },
      },
      { selector: "node.referred", style: { "border-style": "dashed" } },
      { selector: "node.lock", style: { "background-color": color("--lock") } },
      {
        selector: "node.warning",
        style: { "border-width": 2, "border-color": color("--warning-bar") },
      },
      {
        selector: "node.error",
        style: { "border-width": 2, "border-color": color("--error-bar") },
      },
      {
        selector: "edge",
        style: {
          width: 1.2,
          "curve-style": "bezier",
          "line-color": color("--line-strong"),
          "target-arrow-color": color("--line-strong"),
          "target-arrow-shape": "triangle",
          "arrow-scale": 0.8,
          opacity: 0.75,
          "z-index-compare": "manual",
          "z-index": 5000,
        },
      },
      {
        selector: "node.way",
        style: { "outline-width": 3, "outline-offset": 1, "outline-color": color("--way") },
      },
      {
        selector: "edge.way",
        style: {
          width: 3,
          opacity: 1,
          "line-color": color("--way"),
          "target-arrow-color": color("--way"),
        },
      },
      { selector: "node.dim", style: { opacity: 0.35 } },
      { selector: "edge.dim", style: { opacity: 0.12 } },
    ];
  }

  recolor() {
    if (this.cy) this.cy.style(this.style());
  }

  /** Mark the nodes and lines of the ways that are lit up. */
  paint() {
    const { cy } = this;
    if (!cy) return;
    const ways = this.lit ? [this.lit] : this.ways;
    cy.batch(() => {
      cy.elements().removeClass("way dim");
      for (const { way } of ways) {
        for (const [node, before] of way.steps) {
          cy.getElementById(`n${node}`).addClass("way");
          if (before < 0) continue;
          cy.getElementById(`e${node}-${before}`).addClass("way");
          cy.getElementById(`e${before}-${node}`).addClass("way");
        }
      }
      if (this.lit) cy.elements().not(".way").addClass("dim");
    });
  }

  light(finding) {
    this.lit = finding;
    for (const choice of this.choices.body.querySelectorAll(".way-choice")) {
      const isLit = finding !== null && choice.dataset.place === String(finding.place);
      choice.setAttribute("aria-pressed", String(isLit));
    }
    this.paint();
    if (this.cy) this.fit();
    this.tell();
  }

  /** Light up the way of one finding, in a drawing that has it. */
  showFinding(finding, isHere) {
    const nodes = finding.way.steps.map(([node]) => node);
    const views = this.estate.views.map((view) => new Set(view.boxes.map((box) => box[0])));
    const has = (view) => nodes.filter((node) => view.has(node)).length;
    if (this.current && !nodes.every((node) => this.shown.has(node))) {
      const best = views.map(has).reduce((b, count, place, all) => (count > all[b] ? place : b), 0);
      this.choose(best);
    }
    this.draw();
    this.light(finding);
    if (!isHere) {
      this.host.scrollIntoView();
      byId("estate").focus({ preventScroll: true });
    }
    const open = make(
      "button",
      { type: "button", class: "link", onclick: () => this.openFinding(finding.print) },
      "Open the finding",
    );
    const left = nodes.length - has(this.shown);
    const missing = left > 0 ? `${counted(left, "resource")} of it stand in other drawings. ` : "";
    this.tell([
      make("p", {}, levelMark(finding.level), " ", finding.message, " ", missing, open),
      wayList(this.data, finding.way),
    ]);
  }

  describe(number) {
    const node = this.estate.nodes[number];
    const all = node.counts.reduce((sum, count) => sum + count, 0);
    this.tell([
      make(
        "p",
        {},
        make("b", {}, node.name),
        ` ${node.kind}${node.declared ? "" : ", only referred to"}`,
      ),
      make("p", { class: "muted" }, node.id),
      node.relations.length ? make("p", {}, node.relations.slice(0, 12).join("; ")) : null,
      all
        ? make("p", {}, make("a", { href: hashOf({ text: node.name }) }, counted(all, "finding")))
        : null,
    ]);
  }

  zoom(factor) {
    this.draw();
    const { cy } = this;
    cy.zoom({
      level: cy.zoom() * factor,
      renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 },
    });
  }

  fit() {
    this.draw();
    const { cy } = this;
    cy.fit(this.lit ? cy.nodes(".way") : undefined, 16);
    if (cy.zoom() > LARGEST_FIT)
      cy.zoom(LARGEST_FIT).center(cy.nodes(this.lit ? ".way" : undefined));
  }

  /** Zoom with the wheel only while Ctrl is held, so that the page can be scrolled over it. */
  wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const frame = this.graph.getBoundingClientRect();
    const { cy } = this;
    const at = { x: event.clientX - frame.left, y: event.clientY - frame.top };
    cy.zoom({ level: cy.zoom() * 1.0015 ** -event.deltaY, renderedPosition: at });
  }
}

/** Name a node: its name, its kind, and how many findings it has, so that colour is never all. */
function nodeLabel(node, isContainer, width) {
  const all = node.counts.reduce((sum, count) => sum + count, 0);
  const count = all ? ` · ${counted(all, "finding")}` : "";
  if (isContainer) {
    return middleCut(`${node.kind} ${node.name}${count}`, Math.floor(width / 7.6));
  }
  const kind = middleCut(node.kind, Math.floor(width / 6.3) - count.length);
  return `${middleCut(node.name, Math.floor(width / 7))}\n${kind}${count}`;
}

/** Make an element of a picture. */
function draw(tag, properties, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(properties)) element.setAttribute(name, value);
  append(element, children);
  return element;
}

function middleCut(text, most) {
  if (text.length <= most) return text;
  const kept = Math.max(4, most - 1);
  return `${text.slice(0, Math.ceil(kept / 2))}…${text.slice(text.length - Math.floor(kept / 2))}`;
}

/** Work out a colour of the page as a canvas needs it. */
function resolvedColor(name) {
  const probe = make("span", { hidden: true });
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
