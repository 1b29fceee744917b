// What was typed and not saved is not lost.
// What is typed into a form that posts is kept in this tab until it is saved or discarded. So leaving, a reload and
// signing in anew bring it back, said above the form; and a dialog with changes asks before it closes. Passwords and
// files are never kept, nor are forms with `data-draft`: "off" where what they hold is no work, else the address of
// what is kept on the server (schedule-draft.js). Another member who signs in finds nothing.
(() => {
  const PREFIX = "draft:";
  const FORMS = "form[method='post']:not([data-draft]), form[hx-post]:not([data-draft])";
  const NEVER = new Set(["password", "file", "hidden", "search", "submit", "button", "reset"]);
  const states = new WeakMap(); // form -> {key, first: {name: values} as on the server, touched: names, all}
  let refused = null; // the state of a form whose answer, with errors, comes in its place

  const member = () => document.body.dataset.member;
  const isKept = (field) => field.name && !NEVER.has(field.type) && !field.matches("[data-submit-on-change], [hx-get], [hx-post]");
  const isTick = (field) => field.type === "checkbox" || field.type === "radio";
  const fieldsOf = (form) => [...form.elements].filter(isKept);
  const template = (id) => document.getElementById(id).content.cloneNode(true).firstElementChild;

  const valuesOf = (form) => {
    const values = {};
    for (const field of fieldsOf(form)) {
      values[field.name] ??= [];
      if (!isTick(field) || field.checked) values[field.name].push(field.value);
    }
    return values;
  };

  const addressOf = (form) => new URL(form.getAttribute("hx-post") ?? form.getAttribute("action") ?? "", location.href).pathname;
  // Forms of one address differ by their fields.
  const keyOf = (form) => `${PREFIX}${addressOf(form)} ${Object.keys(valuesOf(form)).sort().join(" ")}`;

  // What was typed into and is not as on the server; after a button that changes rows (redraw.js), whatever is not.
  const changes = (form) => {
    const state = states.get(form);
    const now = valuesOf(form);
    const names = state.all ? Object.keys(now) : [...state.touched];
    const changed = names.filter((name) => name in now && String(now[name]) !== String(state.first[name]));
    return Object.fromEntries(changed.map((name) => [name, now[name]]));
  };
  const isChanged = (form) => states.has(form) && Object.keys(changes(form)).length > 0;

  const read = (key) => JSON.parse(sessionStorage.getItem(key));
  const write = (key, stored) => {
    try {
      sessionStorage.setItem(key, JSON.stringify(stored));
    } catch {
      // The tab's store is full: the form still has what was typed.
    }
  };
  const keep = (form, sent = false) => {
    const { key } = states.get(form);
    if (isChanged(form)) write(key, { member: member(), values: changes(form), sent });
    else sessionStorage.removeItem(key);
  };
  const forget = (form) => {
    const state = states.get(form);
    sessionStorage.removeItem(state.key);
    Object.assign(state, { first: valuesOf(form), touched: new Set(), all: false });
  };

  const put = (form, name, values) => {
    const fields = fieldsOf(form).filter((field) => field.name === name);
    fields.forEach((field, index) => {
      if (isTick(field)) field.checked = values.includes(field.value);
      else if (index < values.length) field.value = values[index];
    });
    fields[0]?.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const restore = (form, values) => {
    for (const name of Object.keys(values)) put(form, name, values[name]);
    if (!isChanged(form)) return forget(form);
    const note = template("draft-restored");
    note.querySelector("[data-draft-discard]").addEventListener("click", () => {
      const { first } = states.get(form);
      for (const name of Object.keys(changes(form))) put(form, name, first[name]);
      forget(form);
      note.remove();
      fieldsOf(form)[0].focus();
    });
    (form.querySelector(".modal-body, .card-body") ?? form).prepend(note);
  };

  const meet = (form) => {
    if (states.has(form)) return;
    const stored = read(keyOf(form));
    const state = { key: keyOf(form), first: valuesOf(form), touched: new Set(), all: false };
    states.set(form, state);
    if (refused && refused.address === addressOf(form)) states.set(form, refused.state);
    else if (stored && form.querySelector("[aria-invalid='true']")) {
      // Refused, with all that was typed in it: that is not as on the server.
      for (const name of Object.keys(stored.values)) Object.assign(state.first, { [name]: null });
      state.touched = new Set(Object.keys(stored.values));
    } else if (stored) restore(form, stored.values);
  };
  const meetAll = (root) => {
    if (!member()) return;
    if (root.matches?.(FORMS)) meet(root);
    root.querySelectorAll(FORMS).forEach(meet);
  };

  // What was sent from a page is saved, unless this page says otherwise: the sign-in page (it knows no member), one
  // with errors, and one that was gone back to, perhaps because there was no answer.
  const settle = (key) => {
    const stored = read(key);
    const back = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
    const isOpen = !member() || back || document.querySelector("[aria-invalid='true']");
    if (member() && stored.member !== member()) sessionStorage.removeItem(key);
    else if (stored.sent && isOpen) write(key, { ...stored, sent: false });
    else if (stored.sent) sessionStorage.removeItem(key);
  };
  const keys = () => Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX));

  document.addEventListener("DOMContentLoaded", () => {
    keys().forEach(settle);
    meetAll(document);
  });
  document.addEventListener("htmx:load", (event) => meetAll(event.detail.elt));
  document.addEventListener("htmx:afterSettle", () => { refused = null; });

  const typed = ({ target }) => {
    if (!target.form || !states.has(target.form) || !isKept(target)) return;
    states.get(target.form).touched.add(target.name);
    keep(target.form);
  };
  document.addEventListener("input", typed);
  document.addEventListener("change", typed);
  document.addEventListener("click", (event) => {
    const form = event.target.closest("[data-redraw] button[name='do']")?.form;
    if (states.has(form)) states.get(form).all = true;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const form = event.detail.target.closest?.("form");
    if (states.has(form)) keep(form);
  });

  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-sign-out]")) keys().forEach((key) => sessionStorage.removeItem(key));
    else if (!event.defaultPrevented && states.has(event.target)) keep(event.target, true);
  });
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const { elt, xhr } = event.detail;
    if (!states.has(elt)) return;
    if (xhr.status === 422) refused = { address: addressOf(elt), state: states.get(elt) };
    else if (xhr.getResponseHeader("HX-Redirect")) keep(elt, true);
    else if (xhr.status < 400) forget(elt);
  });

  // --- The dialog: Escape, a click beside it and its buttons ask first. ---
  const dialog = () => document.getElementById("dialog");
  const question = () => dialog().querySelector("[data-discard-question]");
  // A key or a file is never kept, but it is work, too.
  const isBegun = (form) => isChanged(form) || [...form.elements].some((field) => ["password", "file"].includes(field.type) && field.value);
  const changedForms = () => [...dialog().querySelectorAll("form")].filter(isBegun);
  const footers = (isHidden) => dialog().querySelectorAll(".modal-footer").forEach((footer) => footer.classList.toggle("d-none", isHidden));
  let isOver = false; // what was typed is saved, or given up
  let cameFrom = null;

  const keepEditing = () => {
    question().remove();
    footers(false);
    if (cameFrom?.isConnected) cameFrom.focus();
  };
  const discard = () => {
    changedForms().filter(isChanged).forEach(forget);
    isOver = true;
    (window.bootstrap ?? window.tabler.bootstrap).Modal.getInstance(dialog()).hide();
  };
  const ask = () => {
    cameFrom = document.activeElement;
    footers(true);
    document.getElementById("dialog-content").append(template("discard-question"));
    question().querySelector("[data-keep-editing]").addEventListener("click", keepEditing);
    question().querySelector("[data-discard-changes]").addEventListener("click", discard);
    question().querySelector("[data-keep-editing]").focus();
  };

  document.addEventListener("closeDialog", () => { isOver = true; }, true);
  document.addEventListener("hide.bs.modal", (event) => {
    if (event.target !== dialog() || isOver || !changedForms().length) return;
    event.preventDefault();
    // Escape once more takes the question back, not the work.
    if (question()) keepEditing();
    else ask();
  });
  document.addEventListener("hidden.bs.modal", () => { isOver = false; });
  // Another one may be in it now.
  document.addEventListener("htmx:afterSwap", (event) => { if (event.detail.target.id === "dialog-content") isOver = false; });
})();
