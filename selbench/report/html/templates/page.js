"use strict";
(() => {
  // Tables sort by a click on a head; a second click turns the order round.
  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      if (!head.dataset.sort) return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => sort(table, heads, head, column));
    });
  }

  function sort(table, heads, head, column) {
    const first = "falling" in head.dataset ? "descending" : "ascending";
    const other = first === "ascending" ? "descending" : "ascending";
    const order = head.getAttribute("aria-sort") === first ? other : first;
    const sign = order === "ascending" ? 1 : -1;
    const key = (row) => {
      const cell = row.cells[column];
      const value = cell.dataset.value ?? cell.textContent.trim();
      return head.dataset.sort === "number" ? Number.parseFloat(value) : value;
    };
    const compare = (a, b) => {
      if (typeof a === "string") return sign * a.localeCompare(b);
      if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b);
      return sign * (a - b);
    };
    const body = table.tBodies[0];
    body.append(...[...body.rows].sort((a, b) => compare(key(a), key(b))));
    heads.forEach((each) => each.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", order);
  }

  // Pointing at a method brings its lines forward in the panels around it, or everywhere from the leaderboard.
  for (const source of document.querySelectorAll(".keys [data-method]")) {
    const panels = source.closest(".panels");
    const lines = [...panels.querySelectorAll("g[data-method]")];
    const focus = (on) => {
      panels.classList.toggle("focused", on);
      for (const line of lines) line.classList.toggle("forward", on && line.dataset.method === source.dataset.method);
    };
    source.addEventListener("pointerenter", () => focus(true));
    source.addEventListener("pointerleave", () => focus(false));
  }

  for (const block of document.querySelectorAll("pre.copy")) {
    if (!navigator.clipboard) break;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copier";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(block.querySelector("code").textContent);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    block.append(button);
  }

  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
})();
