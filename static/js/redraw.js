// Forms that the server draws anew while they are filled in: "New schedule", and the dialog of one interview.
// A `data-redraw` part (its value: where to ask) is made of nothing but the form's content and of what was pressed and
// chosen since it was drawn. So an answer that came too late for what was typed since is thrown away, and asked for
// again. A `data-checks` part within shows what speaks against the content; it never outruns what was changed since.
(() => {
  const HELD = 100;
  const states = new WeakMap();

  const rootOf = (element) => element.closest?.("[data-redraw]");
  const stateOf = (root) => {
    if (!states.has(root)) states.set(root, { pressed: [], chosen: [], sent: null, changes: 0, checked: 0 });
    return states.get(root);
  };
  const content = (root) => new URLSearchParams(new FormData(root.closest("form"))).toString();
  const stop = (root) => {
    htmx.trigger(root, "htmx:abort");
    for (const search of root.querySelectorAll("[type='search']")) htmx.trigger(search, "htmx:abort");
  };

  // `instead`: content that takes the place of what is in the form (schedule-draft.js). It is sent from the body, because
  // the form would add its own.
  const redraw = (root, instead) => {
    const state = stateOf(root);
    stop(root);
    state.sent = content(root);
    const values = { part: "form", do: state.pressed, changed: state.chosen, ...instead };
    return htmx.ajax("POST", root.dataset.redraw, { source: instead ? document.body : root, target: root, swap: "outerHTML", values })
      .then(() => focus(root, state))
      .catch(() => {}); // told by the events below, and by panelist.js
  };

  // What had the keyboard may be gone, as the button of a removed row is.
  const focus = (root, state) => {
    if (root.isConnected || !state.focused || document.activeElement !== document.body) return;
    document.getElementById(root.dataset.redrawHome)?.focus();
  };

  // A button with `data-undo` takes something away, and can be taken back until something else is changed.
  const undoable = (button) => {
    const { id } = rootOf(button); // the part itself is drawn anew
    const before = {};
    for (const [name, text] of new FormData(button.form)) before[name] = [...before[name] ?? [], text];
    for (const name of ["csrfmiddlewaretoken", "once", "q"]) delete before[name];
    const undo = () => redraw(document.getElementById(id), before);
    return () => document.dispatchEvent(new CustomEvent("notice", { detail: { value: button.dataset.undo, undo } }));
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-redraw] button[name='do']");
    if (!button) return;
    const root = rootOf(button);
    document.dispatchEvent(new Event("undo-over"));
    const offer = "undo" in button.dataset ? undoable(button) : null;
    stateOf(root).pressed.push(button.value);
    redraw(root).then(() => offer && !root.isConnected && offer());
  });
  for (const name of ["input", "change"]) {
    document.addEventListener(name, (event) => rootOf(event.target) && document.dispatchEvent(new Event("undo-over")));
  }

  document.addEventListener("redraw", (event) => redraw(rootOf(event.target), event.detail));

  document.addEventListener("change", (event) => {
    const root = rootOf(event.target);
    if (!root) return;
    if (event.target.closest("[data-checks]")) stateOf(root).changes += 1;
    if (!event.target.matches("[data-redraws]")) return;
    stateOf(root).chosen.push(event.target.name);
    redraw(root);
  }, true);

  // While the whole part is asked for, what speaks against it comes with it.
  document.addEventListener("htmx:confirm", (event) => {
    const root = rootOf(event.target);
    if (root && event.target.matches("[data-checks]") && stateOf(root).sent !== null) event.preventDefault();
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.matches("[data-checks]")) {
      const state = stateOf(rootOf(event.detail.elt));
      state.checked = state.changes;
    }
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    const { elt, target } = event.detail;
    const root = rootOf(elt);
    if (root && elt === root && target === root) {
      const state = stateOf(root);
      const held = root.querySelector("[data-held]");
      state.focused = root.contains(document.activeElement);
      if (event.detail.shouldSwap && (held || content(root) !== state.sent)) {
        event.detail.shouldSwap = false;
        setTimeout(() => root.isConnected && redraw(root), held ? HELD : 0);
      }
    } else if (root && elt.matches("[data-checks]")) {
      const state = stateOf(root);
      // What was changed since asks for itself in a moment.
      if (state.changes !== state.checked) event.detail.shouldSwap = false;
    } else {
      target.querySelectorAll("[data-redraw]").forEach(stop);
    }
  });

  // A choice counts with the next one; a button whose request failed has to be pressed again.
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, (event) => {
      if (event.detail.elt.matches("[data-redraw]")) Object.assign(stateOf(event.detail.elt), { pressed: [], sent: null });
    });
  }

  // An answer to a dialog that was closed would be put into the next one.
  document.addEventListener("hidden.bs.modal", (event) => event.target.querySelectorAll("[data-redraw]").forEach(stop), true);
})();
