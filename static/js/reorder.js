// Rows that are put into another order by their handle: dragged with mouse, pen or finger, or moved with the arrow keys.
// A `data-reorder` part has rows, `data-reorder-row` (its value: the name that is read aloud), each with a
// `data-reorder-handle`. When a row has found another place the part raises `reordered`. Where the part names a form
// (`data-reorder="its id"`) that form is sent: the rows' own fields in it (`form="its id"`) stand in the new order.
(() => {
  const STEPS = { ArrowUp: -1, ArrowDown: 1 };
  const EDGE = 60; // so near to the window's edge, in pixels, the page scrolls
  const SPEED = 12;
  const sent = new WeakMap(); // the order before, by the form that tells the server of the new one
  let drag = null;

  const listOf = (handle) => handle.closest("[data-reorder]");
  const rowsOf = (list) => [...list.querySelectorAll("[data-reorder-row]")].filter((row) => listOf(row) === list);

  // Rows change places around the moved one, which stays where it is in the page: it keeps the pointer and the keyboard.
  const step = (list, row, by) => {
    const rows = rowsOf(list);
    const other = rows[rows.indexOf(row) + by];
    if (!other) return false;
    if (by > 0) row.before(other);
    else row.after(other);
    return true;
  };
  const arrange = (rows) => rows.reduce((before, row) => { before.after(row); return row; });
  const restore = (list, order) => {
    rowsOf(list)[0].before(order[0]);
    arrange(order);
  };

  const said = (list, row) => {
    const rows = rowsOf(list);
    const words = { name: row.dataset.reorderRow, n: rows.indexOf(row) + 1, total: rows.length };
    const text = document.getElementById("words").dataset.moved.replace(/\{(\w+)\}/g, (_, key) => words[key]);
    document.getElementById("reorder-said").textContent = text;
  };

  const finish = (list, row, before) => {
    if (rowsOf(list).every((one, place) => one === before[place])) return;
    said(list, row);
    list.dispatchEvent(new CustomEvent("reordered", { bubbles: true, detail: { row } }));
    const form = document.getElementById(list.dataset.reorder);
    if (!form) return;
    sent.set(form, { list, before });
    form.requestSubmit();
  };
  document.addEventListener("htmx:afterRequest", ({ detail: { elt, successful } }) => {
    const told = sent.get(elt);
    if (told && !successful && told.list.isConnected) restore(told.list, told.before);
    sent.delete(elt);
  });

  document.addEventListener("keydown", (event) => {
    const handle = event.target.closest?.("[data-reorder-handle]");
    if (drag && event.key === "Escape") return drop(true);
    if (!handle || drag || !(event.key in STEPS) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const [list, row] = [listOf(handle), handle.closest("[data-reorder-row]")];
    const before = rowsOf(list);
    if (!step(list, row, STEPS[event.key])) return said(list, row);
    handle.scrollIntoView({ block: "nearest" });
    finish(list, row, before);
  });

  const topOf = (row) => row.getBoundingClientRect().top;
  const isPast = (row, other, by) => {
    const box = other.getBoundingClientRect();
    const middle = box.top + box.height / 2;
    return by > 0 ? topOf(row) + row.offsetHeight > middle : topOf(row) < middle;
  };
  // The row is under the pointer, and the others make room for it.
  const follow = () => {
    const { row, list, grip, y } = drag;
    const put = () => {
      const natural = topOf(row) - drag.shift;
      drag.shift = y - grip - natural;
      row.style.transform = `translateY(${drag.shift}px)`;
    };
    put();
    for (const by of [-1, 1]) {
      for (;;) {
        const rows = rowsOf(list);
        const other = rows[rows.indexOf(row) + by];
        if (!other || !isPast(row, other, by)) break;
        step(list, row, by);
        put();
      }
    }
  };
  const scroll = () => {
    if (!drag) return;
    const by = drag.y < EDGE ? -SPEED : drag.y > innerHeight - EDGE ? SPEED : 0;
    if (by && drag.moved) {
      scrollBy({ top: by, behavior: "instant" });
      follow();
    }
    drag.frame = requestAnimationFrame(scroll);
  };

  const drop = (isGivenUp) => {
    const { row, list, before, moved, frame } = drag;
    drag = null;
    cancelAnimationFrame(frame);
    row.style.transform = "";
    row.classList.remove("is-dragged");
    if (isGivenUp) restore(list, before);
    else if (moved) finish(list, row, before);
  };

  document.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest("[data-reorder-handle]");
    if (!handle || drag || event.button !== 0) return;
    const [list, row] = [listOf(handle), handle.closest("[data-reorder-row]")];
    drag = { row, list, pointer: event.pointerId, before: rowsOf(list), grip: event.clientY - topOf(row), y: event.clientY, shift: 0, moved: false };
    handle.setPointerCapture(event.pointerId);
    drag.frame = requestAnimationFrame(scroll);
  });
  document.addEventListener("pointermove", (event) => {
    if (drag?.pointer !== event.pointerId) return;
    if (!drag.moved && Math.abs(event.clientY - drag.y) < 4) return;
    Object.assign(drag, { moved: true, y: event.clientY });
    drag.row.classList.add("is-dragged");
    follow();
  });
  for (const [name, isGivenUp] of [["pointerup", false], ["pointercancel", true]]) {
    document.addEventListener(name, (event) => drag?.pointer === event.pointerId && drop(isGivenUp));
  }
  // A part that the server draws anew takes a dragged row with it; an answer about it that is put elsewhere does not.
  document.addEventListener("htmx:beforeSwap", ({ detail: { elt, target, shouldSwap } }) => {
    const isDrawn = shouldSwap && elt.getAttribute("hx-swap") !== "none";
    if (drag && isDrawn && target.contains(drag.row)) drop(true);
  });

  document.addEventListener("DOMContentLoaded", () => {
    const region = document.createElement("div");
    Object.assign(region, { id: "reorder-said", className: "visually-hidden", role: "status" });
    document.body.append(region);
  });
})();
