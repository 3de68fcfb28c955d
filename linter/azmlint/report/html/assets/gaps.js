"use strict";

// What was not read or not judged: a report that leaves it out would look cleaner than it is.

function showGaps(data) {
  const parts = [];
  const section = (title, count, text, columns, rows, word) => {
    const host = make("div");
    parts.push(
      make(
        "div",
        { class: "card" },
        make("h3", {}, `${title} (${shownNumber(count)})`),
        make("p", { class: "muted" }, text),
        host,
      ),
    );
    new PagedTable(host, columns, {
      caption: title,
      hideCaption: true,
      size: 25,
      rows,
      word,
      quiet: true,
    });
  };
  const column = (title, name, options) => ({
    title,
    sort: (row) => String(row[name]).toLowerCase(),
    cell: (row) => row[name],
    ...options,
  });
  const where = column("Where", "where", { head: true, class: "place" });
  if (data.failures.length) {
    const text = "The run is incomplete because of these; findings may be missing.";
    const columns = [
      where,
      column("Stage", "stage"),
      column("Reason", "reason", { class: "words" }),
    ];
    section("Failed", data.failures.length, text, columns, data.failures, "failure");
  }
  if (data.skipped.length) {
    const columns = [
      where,
      column("Stage", "stage"),
      column("Reason", "reason", { class: "words" }),
    ];
    section("Skipped", data.skipped.length, "Left out, and why.", columns, data.skipped, "skip");
  }
  if (data.undecided_count) {
    if (data.undecided.length) {
      const columns = [
        column("Rule", "rule", { head: true, class: "rule-name" }),
        column("Resource", "resource"),
        column("Where", "where", { class: "place" }),
        column("Reason", "reason", { class: "words" }),
        column("Would be decided by", "needs", { class: "words" }),
      ];
      const text = "These rules could not judge these resources from what is known.";
      section("Undecided", data.undecided_count, text, columns, data.undecided, "result");
    } else {
      parts.push(
        notice(`${counted(data.undecided_count, "result")} undecided; asked not to be listed.`),
      );
    }
  }
  if (data.not_applicable.length) {
    const columns = [
      column("Nobody asked for", "facet", { head: true }),
      {
        title: "Rules",
        class: "number",
        sort: (row) => row.rules.length,
        cell: (row) => row.rules.length,
      },
      { title: "Names", class: "words", cell: (row) => row.rules.join(", ") },
    ];
    const rules = new Set(data.not_applicable.flatMap((row) => row.rules));
    const text = "These rules need something that was not read: a snapshot has it.";
    section("Not applied", rules.size, text, columns, data.not_applicable, "facet");
  }
  if (!parts.length) parts.push(notice("Everything that was found could be read and judged."));
  replace(byId("gaps-body"), parts);
}
