"use strict";

// A table of which one page is in the document at a time, so that thousands of rows cost nothing.

/**
 * columns: [{ title, cell(row) -> children, sort?(row) -> number or text, class?, head? }]
 * options: { caption, hideCaption, size, rows, expand?(row) -> element, key?(row) -> text, empty }
 */
class PagedTable {
  constructor(host, columns, options) {
    this.columns = columns;
    this.options = { size: 50, rows: [], empty: "Nothing to show.", ...options };
    this.page = 0;
    this.order = null;
    this.open = new Set();
    this.every = null;
    this.build(host);
    this.show(this.options.rows);
    PagedTable.all.push(this);
  }

  /** Show all rows of all tables, up to so many each, for printing; null goes back to pages. */
  static unfold(most) {
    for (const table of PagedTable.all) table.unfold(most);
  }

  build(host) {
    const { caption, hideCaption } = this.options;
    this.body = make("tbody");
    this.heads = this.columns.map((column) => this.head(column));
    this.status = make("p", { class: "status", role: "status" });
    this.previous = make("button", { type: "button", onclick: () => this.turn(-1) }, "Previous");
    this.next = make("button", { type: "button", onclick: () => this.turn(1) }, "Next");
    this.pager = make("div", { class: "pager" }, this.previous, this.next);
    this.tools = make("div", { class: "tools" }, this.status, this.options.tools, this.pager);
    const table = make(
      "table",
      { class: this.options.class },
      make("caption", { class: hideCaption ? "unseen" : null }, caption),
      make("thead", {}, make("tr", {}, this.heads)),
      this.body,
    );
    replace(host, this.tools, make("div", { class: "scroll" }, table));
  }

  head(column) {
    if (!column.sort) return make("th", { scope: "col", class: column.class }, column.title);
    const sort = () => this.sort(column);
    const button = make("button", { type: "button", class: "sort", onclick: sort }, column.title);
    return make("th", { scope: "col", class: column.class }, button);
  }

  sort(column) {
    const down = this.order && this.order.column === column ? !this.order.down : false;
    this.order = { column, down };
    this.show(this.rows);
  }

  /** Show other rows, from the first page on. */
  show(rows) {
    this.rows = rows;
    this.sorted = rows;
    this.columns.forEach((column, index) => {
      const is = this.order && this.order.column === column;
      if (!is) return this.heads[index].removeAttribute("aria-sort");
      this.heads[index].setAttribute("aria-sort", this.order.down ? "descending" : "ascending");
      const keyed = rows.map((row, place) => [column.sort(row), place, row]);
      const sign = this.order.down ? -1 : 1;
      keyed.sort((a, b) => sign * compared(a[0], b[0]) || a[1] - b[1]);
      this.sorted = keyed.map((entry) => entry[2]);
    });
    this.page = 0;
    this.draw();
  }

  turn(pages) {
    this.page += pages;
    this.draw();
    const button = pages > 0 ? this.next : this.previous;
    if (button.disabled) (pages > 0 ? this.previous : this.next).focus();
  }

  draw() {
    const { size } = this.options;
    const first = this.every === null ? this.page * size : 0;
    const last = Math.min(first + (this.every === null ? size : this.every), this.sorted.length);
    const rows = this.sorted.slice(first, last).flatMap((row) => this.row(row));
    if (!rows.length) {
      const { empty } = this.options;
      rows.push(
        make("tr", {}, make("td", { colspan: this.columns.length, class: "empty" }, empty)),
      );
    }
    replace(this.body, rows);
    const all = this.sorted.length;
    const isWhole = first === 0 && last === all;
    this.status.textContent = isWhole
      ? counted(all, this.options.word || "row")
      : `${shownNumber(first + 1)}–${shownNumber(last)} of ${counted(all, this.options.word || "row")}`;
    this.pager.hidden = all <= size || this.every !== null;
    this.tools.hidden = Boolean(this.options.quiet) && this.pager.hidden;
    this.previous.disabled = this.page === 0;
    this.next.disabled = last >= all;
  }

  row(row) {
    const cells = this.columns.map((column) => {
      const tag = column.head ? "th" : "td";
      const scope = column.head ? "row" : null;
      return make(tag, { class: column.class, scope }, column.cell(row, this));
    });
    const line = make("tr", {}, cells);
    if (!this.options.expand || !this.open.has(this.options.key(row))) return [line];
    line.classList.add("opened");
    const id = `detail-${this.options.key(row)}`;
    const cell = make("td", { colspan: this.columns.length }, this.options.expand(row));
    return [line, make("tr", { class: "detail", id }, cell)];
  }

  /** Make the button that opens and closes what is known of a row. */
  opener(row, ...children) {
    const key = this.options.key(row);
    const toggle = (event) => {
      const line = event.currentTarget.closest("tr");
      if (!this.open.delete(key)) this.open.add(key);
      if (this.open.has(key)) line.after(this.row(row)[1]);
      else line.nextElementSibling.remove();
      line.classList.toggle("opened", this.open.has(key));
      event.currentTarget.setAttribute("aria-expanded", String(this.open.has(key)));
    };
    const isOpen = this.open.has(key);
    const properties = {
      type: "button",
      class: "opener",
      onclick: toggle,
      "aria-expanded": String(isOpen),
    };
    return make("button", { ...properties, id: `open-${key}` }, ...children);
  }

  /** Turn to a row and open it; gives whether it is among those shown. */
  reveal(row) {
    const place = this.sorted.indexOf(row);
    if (place < 0) return false;
    this.page = Math.floor(place / this.options.size);
    this.open.add(this.options.key(row));
    this.draw();
    byId(`open-${this.options.key(row)}`).focus();
    return true;
  }

  unfold(most) {
    this.every = most;
    this.draw();
  }
}

PagedTable.all = [];

function compared(one, other) {
  if (typeof one === "number" && typeof other === "number") return one - other;
  return one < other ? -1 : one > other ? 1 : 0;
}
