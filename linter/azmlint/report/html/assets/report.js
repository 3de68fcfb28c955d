"use strict";

// Puts the page together. What fails to show is said, because an empty section looks like a clean one.

addEventListener("error", (event) => {
  const trouble = byId("trouble");
  trouble.textContent = `A part of this page could not be shown, so what is missing in it says nothing: ${event.message}`;
  trouble.hidden = false;
});

function start() {
  const data = JSON.parse(byId("data").textContent);
  data.findings.forEach((finding, place) => {
    finding.place = place;
  });
  const estate = new EstateView(data);
  const list = new FindingList(data, (finding) => estate.showFinding(finding));
  showOverview(data);
  showCapacity(data);
  showGaps(data);
  byId("theme").addEventListener("change", (event) => {
    const { value } = event.currentTarget;
    if (value) document.documentElement.dataset.theme = value;
    else delete document.documentElement.dataset.theme;
    estate.recolor();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => estate.recolor());
  estate.openFinding = (print) => {
    history.replaceState(null, "", `#finding=${print}`);
    list.followAddress();
  };
  list.followAddress();
  document.documentElement.dataset.ready = "true";
}

start();
