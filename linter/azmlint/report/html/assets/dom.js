"use strict";

// What every part of the page uses to make elements. Text is only ever set as text, never read as
// markup, so that a name from somebody's file stays a name.

/** Make an element: properties by name ("class", "on…" as functions, the rest attributes), children. */
function make(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

function replace(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

const byId = (id) => document.getElementById(id);

const numbers = new Intl.NumberFormat("en-US");
const shownNumber = (number) => numbers.format(number);

function counted(number, word) {
  return `${shownNumber(number)} ${word}${number === 1 ? "" : "s"}`;
}

const LEVELS = ["error", "warning", "note"];
const LEVEL_NAMES = { error: "Error", warning: "Warning", note: "Note" };

function levelMark(level) {
  return make("span", { class: `level ${level}` }, LEVEL_NAMES[level]);
}

/** Count findings by level; the suppressed apart. */
function tally(findings) {
  const counts = { error: 0, warning: 0, note: 0, suppressed: 0 };
  for (const finding of findings) counts[finding.suppressed ? "suppressed" : finding.level] += 1;
  return counts;
}

/** Draw a title, and beneath it a paragraph for each text. */
function notice(...texts) {
  return make(
    "div",
    { class: "notice" },
    texts.map((text) => make("p", {}, text)),
  );
}

const MOST_SUGGESTIONS = 60;

/** Offer for a field the texts that hold what is typed, a few at a time. */
function suggest(field, list, texts) {
  const offer = () => {
    const typed = field.value.toLowerCase();
    const near = texts.filter((text) => text.toLowerCase().includes(typed));
    replace(
      list,
      near.slice(0, MOST_SUGGESTIONS).map((value) => make("option", { value })),
    );
  };
  field.addEventListener("focus", offer);
  field.addEventListener("input", offer);
}
