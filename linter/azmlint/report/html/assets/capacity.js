"use strict";

// Quotas as bars: what is in use by what is not listed, what computes get when all
// scale at once, what they still want.

function showCapacity(data) {
  const host = byId("capacity-body");
  if (!data.capacity) {
    replace(
      host,
      notice(
        "No quota was given, so nothing can be said about how far computes scale. A snapshot has quotas; so may the configuration.",
      ),
    );
    return;
  }
  const { places, gaps } = data.capacity;
  replace(host, places.map(placeCard), gaps.length ? gapCard(gaps) : null);
}

function placeCard(place) {
  const bound =
    place.bound === null ? "" : ` The most in any order is ${shownNumber(place.bound)}.`;
  const limits = make("div");
  const computes = make("div");
  const card = make(
    "div",
    { class: "card" },
    make(
      "h3",
      {},
      place.region,
      place.subscription
        ? make("span", { class: "trust" }, `subscription ${place.subscription}`)
        : null,
    ),
    make(
      "p",
      {},
      `When all computes scale at once they get ${shownNumber(place.reached)} of ${shownNumber(place.wanted)} vCPUs.${bound}`,
    ),
    barLegend(),
    limits,
    computes,
  );
  const number = (title, name) => ({
    title,
    class: "number",
    sort: (x) => x[name] ?? -1,
    cell: (x) => (x[name] === null ? "unknown" : shownNumber(x[name])),
  });
  new PagedTable(
    limits,
    [
      {
        title: "Quota",
        class: "quota-name",
        head: true,
        sort: (x) => x.name.toLowerCase(),
        cell: (x) => [
          x.name,
          x.bounds ? make("span", { class: "tag bounds" }, "Bottleneck") : null,
          x.problem ? make("span", { class: "muted block" }, x.problem) : null,
        ],
      },
      { title: make("span", { class: "unseen" }, "Bar"), class: "bar-cell", cell: quotaBar },
      number("Limit", "limit"),
      number("Not listed", "held"),
      number("Computes get", "reached"),
      number("They ask", "asked"),
      { title: "Unit", class: "unit", cell: (x) => x.unit },
    ],
    {
      caption: `Quotas in ${place.region}`,
      size: 15,
      rows: place.limits,
      word: "quota",
      quiet: true,
    },
  );
  const nodes = (title, name) => ({
    title,
    class: "number",
    sort: (x) => x[name],
    cell: (x) => `${shownNumber(x[name])}${x.unsure && name !== "asked" ? "?" : ""}`,
  });
  new PagedTable(
    computes,
    [
      {
        title: "Compute",
        head: true,
        sort: (x) => x.name.toLowerCase(),
        cell: (x) => [
          x.name,
          make("span", { class: "muted block" }, [x.kind, x.workspace].filter(Boolean).join(" · ")),
        ],
      },
      { title: "Size", sort: (x) => x.size, cell: (x) => x.size },
      nodes("Nodes asked", "asked"),
      nodes("Alone", "alone"),
      nodes("Together", "together"),
      { title: "Full first", sort: (x) => x.full, cell: (x) => x.full || "–" },
    ],
    {
      caption: `Computes in ${place.region}`,
      size: 15,
      rows: place.computes,
      word: "compute",
      quiet: true,
    },
  );
  return card;
}

function barLegend() {
  const entry = (kind, text) => make("li", {}, make("span", { class: `key ${kind}` }), text);
  return make(
    "ul",
    { class: "legend", "aria-label": "Parts of a bar" },
    entry("held", "held by what is not listed"),
    entry("reached", "computes get"),
    entry("missing", "computes ask and do not get"),
    entry("limit", "limit"),
  );
}

function quotaBar(quota) {
  if (quota.limit === null) return null;
  const missing = Math.max(0, quota.asked - quota.reached);
  const whole = Math.max(quota.limit, quota.held + quota.asked, 1);
  const bar = make("div", { class: "quota", "aria-hidden": "true" });
  const part = (kind, size) => {
    if (!size) return;
    const piece = make("span", { class: kind });
    piece.style.width = `${(100 * size) / whole}%`;
    bar.append(piece);
  };
  part("held", quota.held);
  part("reached", quota.reached);
  part("missing", missing);
  const mark = make("span", { class: "limit" });
  mark.style.left = `${(100 * quota.limit) / whole}%`;
  bar.append(mark);
  return bar;
}

function gapCard(gaps) {
  const host = make("div");
  const card = make("div", { class: "card" }, make("h3", {}, "What these figures leave out"), host);
  new PagedTable(
    host,
    [
      {
        title: "Where",
        head: true,
        class: "place",
        sort: (gap) => gap.where,
        cell: (gap) => gap.where || "–",
      },
      { title: "Reason", class: "words", cell: (gap) => gap.reason },
    ],
    {
      caption: "What the figures of capacity leave out",
      hideCaption: true,
      size: 10,
      rows: gaps,
      word: "gap",
      quiet: true,
    },
  );
  return card;
}
