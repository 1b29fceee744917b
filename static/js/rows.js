// The rows of interviews: each is one stop for Tab. Enter goes to its people, the right arrow key into its fields, and
// Escape back; up and down go from row to row, and with Alt they move the row, as does reorder.js by its handle. A click
// opens a row. The one that has the keyboard is the selected one, which the day view follows (day-view.js). The order is
// the server's: a move is a button that is pressed (redraw.js).
(() => {
  const INSIDE = "a[href], button, input:not([type='hidden']), select, textarea";
  const list = () => document.querySelector("[data-rows]");
  const rows = () => [...document.querySelectorAll("[data-plan-row]")];
  const rowOf = (element) => element.closest?.("[data-plan-row]");
  const part = (row, name) => row.querySelector(`[data-row-${name}]`);
  const stops = (row) => [...row.querySelectorAll(INSIDE)].filter((stop) => stop.checkVisibility());
  let selected = -1;
  let next = null; // the place of the row that gets the keyboard once the rows are drawn anew

  // What stands in a row is reached by Tab while the keyboard is in that row.
  const rest = (entered = rowOf(document.activeElement)) => {
    for (const row of rows()) {
      const isEntered = row === entered && document.activeElement !== row;
      row.tabIndex = 0;
      for (const stop of row.querySelectorAll(INSIDE)) {
        if (isEntered) stop.removeAttribute("tabindex");
        else stop.tabIndex = -1;
      }
    }
  };

  const select = (row) => {
    selected = Number(row.dataset.planRow);
    for (const one of rows()) one.classList.toggle("is-selected", one === row);
  };

  const open = (row, isOpen) => {
    part(row, "details").hidden = !isOpen;
    part(row, "open").value = isOpen ? "yes" : "";
    part(row, "open").dispatchEvent(new Event("input", { bubbles: true })); // the draft remembers it
  };
  const isOpen = (row) => !part(row, "details").hidden;

  const move = (row, by) => {
    const to = Number(row.dataset.planRow) + by;
    row.querySelector(`[data-row-moves="${to}"]`)?.click();
  };

  const keys = (event, row) => {
    const isRow = event.target === row;
    const into = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (by && event.altKey) move(row, by);
    else if (by && isRow) rows()[rows().indexOf(row) + by]?.focus();
    else if (event.key === "Enter" && isRow) row.querySelector("[role='combobox']").focus();
    else if (event.key === into && isRow) stops(row)[0]?.focus();
    else if (event.key === "Delete" && isRow) row.querySelector("[value^='remove:']").click();
    else if (event.key === "Escape" && !isRow) row.focus();
    else if (event.key === "Enter" && event.target.matches("input:not([type='checkbox'], [type='radio'])")) row.focus();
    else return;
    event.preventDefault();
  };

  document.addEventListener("keydown", (event) => {
    const row = rowOf(event.target);
    if (!row || event.defaultPrevented || event.ctrlKey || event.metaKey || event.target.closest(".dropdown-menu.show, [aria-expanded='true']")) return;
    keys(event, row);
  });

  document.addEventListener("click", (event) => {
    const row = rowOf(event.target);
    if (!row) return;
    const moved = event.target.closest("[data-row-moves]");
    if (moved) next = Number(moved.dataset.rowMoves);
    if (event.target.closest("[data-row-toggle]")) {
      open(row, true);
      part(row, "details").querySelector("input, select").focus();
    } else if (event.target.closest("[data-row-line]") && !event.target.closest(`${INSIDE}, label, [data-people], [data-reorder-handle], .dropdown`)) {
      open(row, !isOpen(row));
      row.focus({ preventScroll: true });
    }
    // A date is chosen in its calendar, without looking for the small button that opens it.
    if (event.target.matches("[data-row-line] input[type='date']")) event.target.showPicker?.();
  });

  document.addEventListener("focusin", (event) => {
    const row = rowOf(event.target);
    if (!list()) return;
    if (row) select(row);
    rest(row);
  });
  document.addEventListener("focusout", (event) => {
    if (rowOf(event.target) && !rowOf(event.relatedTarget ?? document.body)) rest(null);
  });

  document.addEventListener("input", (event) => {
    const row = rowOf(event.target);
    if (!row || !event.target.name?.endsWith("-name")) return;
    const name = part(row, "name");
    name.textContent = event.target.value.trim() || name.dataset.unnamed;
    const remove = row.querySelector("[data-undo-named]");
    remove.dataset.undo = remove.dataset.undoNamed.replace("{name}", () => name.textContent);
  });

  // reorder.js has put a row elsewhere in the page; the server numbers the rows anew.
  document.addEventListener("reordered", ({ detail: { row } }) => {
    const from = row.dataset.planRow;
    const button = from && row.querySelector("[data-row-moves]");
    if (!button) return;
    button.dataset.rowMoves = rows().indexOf(row);
    button.value = `move:${from}:${button.dataset.rowMoves}`;
    button.click();
  });

  // --- Candidate, job and stage: one line once they are known, and changed in place. ---
  const choose = (isChanged) => {
    const [choice, state, button] = ["[data-choice]", "[data-choice-state]", "[data-choice-open]"].map((name) => document.querySelector(name));
    choice.hidden = !isChanged;
    state.value = isChanged ? "open" : "";
    button?.setAttribute("aria-expanded", String(isChanged));
    if (!isChanged) return button?.focus();
    const search = document.getElementById("candidate-search");
    search.focus();
    if (!search.value) return;
    search.value = "";
    htmx.trigger(search, "search");
  };
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-choice-open]")) choose(document.querySelector("[data-choice]").hidden);
    if (event.target.closest("[data-choice-done]")) choose(false);
  });
  // Who goes through a menu by the keyboard is not done with its first entry; a candidate who is clicked is.
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("[data-choice]") && event.key.startsWith("Arrow")) document.querySelector("[data-choice-state]").value = "open";
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-choice] [name='candidate']:not(:focus-visible)")) document.querySelector("[data-choice-state]").value = "";
  }, true);

  // The foot's conflicts: the first one, and with each further press the next.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-goes-through]");
    if (!link) return;
    event.preventDefault();
    const targets = link.dataset.goesThrough.split(" ");
    const at = Number(link.dataset.at ?? 0) % targets.length;
    link.dataset.at = at + 1;
    const target = document.getElementById(targets[at]);
    target?.focus();
    target?.scrollIntoView({ block: "center" });
  });

  const look = () => {
    if (!list()) return;
    if (next !== null && rows()[next]) rows()[next].focus();
    next = null;
    rows()[selected]?.classList.add("is-selected");
    rest();
  };
  document.addEventListener("DOMContentLoaded", look);
  document.addEventListener("htmx:load", (event) => { if (event.detail.elt.id === "builder") look(); });
  document.addEventListener("htmx:oobAfterSwap", () => list() && rest());
})();
