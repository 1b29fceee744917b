// What every page has: copy buttons, buttons that rest while they wait, the dialog, and notices.
(() => {
  const words = () => document.getElementById("words").dataset;

  // With `undo`, what takes back what was just done, it stays for 10 seconds, and as long as somebody is on it. `then`
  // is a link to the next step.
  const notice = (text, undo, then) => {
    const toast = document.getElementById("toast-template").content.cloneNode(true).firstElementChild;
    toast.querySelector("[data-toast-text]").textContent = text;
    // The newest one only: a pile would hide what it speaks of.
    document.getElementById("toasts").replaceChildren(toast);
    // Dialogs, and bars at the foot of a page, end above it for as long as it is there.
    const room = (pixels) => document.documentElement.style.setProperty("--toast-room", `${pixels}px`);
    let timer = 0;
    const leave = () => {
      clearTimeout(timer);
      if (!toast.isConnected) return;
      toast.remove();
      room(0);
    };
    const wait = () => { timer = setTimeout(leave, undo || then ? 10000 : 6000); };
    const link = toast.querySelector("[data-toast-then]");
    if (then) Object.assign(link, { href: then.address, textContent: then.label });
    else link.remove();
    const stay = () => clearTimeout(timer);
    const button = toast.querySelector("[data-toast-undo]");
    if (undo) {
      button.addEventListener("click", () => { leave(); undo(); });
      // What is done since could not be told from what is taken back.
      document.addEventListener("undo-over", leave, { once: true });
    } else button.remove();
    room(document.getElementById("toasts").offsetHeight);
    toast.querySelector(".btn-close").addEventListener("click", leave);
    for (const [come, gone] of [["pointerenter", "pointerleave"], ["focusin", "focusout"]]) {
      toast.addEventListener(come, stay);
      toast.addEventListener(gone, () => { stay(); wait(); });
    }
    wait();
  };

  // navigator.clipboard exists only on https and localhost; a self-hosted page may be neither.
  const copy = async (text, from) => {
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
    const area = document.createElement("textarea");
    area.value = text;
    area.setAttribute("readonly", "");
    area.className = "visually-hidden";
    from.parentElement.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    from.focus();
  };

  document.addEventListener("click", (event) => {
    const copier = event.target.closest("[data-copy]");
    if (copier) copy(copier.dataset.copy, copier).then(() => notice(words().copied));
  });

  // A search within a form only finds: Enter must not send what is not ready yet. With Ctrl it is meant: see keys.js.
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.target.closest("form[data-saves]")) return;
    if (event.key === "Enter" && event.target.matches("form[method='post'] [type='search'], form[hx-post] [type='search']")) event.preventDefault();
  });

  // What htmx sends to change something is sent once: until it is answered, its buttons rest, and another click or Enter
  // does nothing. An answer that leads elsewhere keeps them at rest until the page has gone.
  const waiting = new WeakMap();
  const isSender = (element) => element.matches("form:not([data-redraw]), button");
  const wake = (element) => {
    const { buttons, focused } = waiting.get(element);
    waiting.delete(element);
    for (const button of buttons) button.disabled = false;
    // Drawn anew, the one with its id takes its place.
    const back = focused?.isConnected ? focused : focused?.id && document.getElementById(focused.id);
    if (back && document.activeElement === document.body) back.focus();
  };
  document.addEventListener("htmx:confirm", (event) => {
    if (waiting.has(event.detail.elt)) event.preventDefault();
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, requestConfig } = event.detail;
    if (requestConfig.verb === "get" || !isSender(elt) || event.defaultPrevented) return;
    const buttons = elt.matches("button") ? [elt] : [...elt.querySelectorAll("button:not([type='button']):enabled")];
    waiting.set(elt, { buttons, focused: document.activeElement });
    for (const button of buttons) button.disabled = true;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { requestConfig, xhr } = event.detail;
    const { elt } = requestConfig; // the event's own is another one, where this was swapped away
    if (!waiting.has(elt)) return;
    const leads = xhr.status && (xhr.getResponseHeader("HX-Redirect") || xhr.getResponseHeader("HX-Refresh"));
    if (!leads) return wake(elt);
    // Gone back to, as the browser kept it, the page is used once more.
    window.addEventListener("pageshow", (shown) => shown.persisted && waiting.has(elt) && wake(elt), { once: true });
  });

  // A form that leaves the page without htmx is sent once, too, also by a double click.
  const sent = new WeakMap();
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.method !== "post") return;
    if (event.timeStamp - (sent.get(event.target) ?? -Infinity) < 5000) event.preventDefault();
    else sent.set(event.target, event.timeStamp);
  });

  // A field that takes so many characters and no more says so before it is full.
  const NEAR = 20;
  document.addEventListener("input", ({ target: field }) => {
    if (!(field.maxLength > NEAR) || field.type === "search") return;
    const left = field.maxLength - field.value.length;
    const hint = field.parentElement.querySelector("[data-left]") ?? document.createElement("small");
    if (left > NEAR) return hint.remove();
    Object.assign(hint, { className: "form-hint", role: "status" }).dataset.left = "";
    if (!hint.isConnected) field.after(hint);
    const { leftOne, leftMany, full } = words();
    const text = left > 1 ? leftMany.replace("{n}", left) : leftOne;
    hint.textContent = left > 0 ? text : full.replace("{n}", field.maxLength);
  });

  document.addEventListener("click", (event) => event.target.closest("[data-print]") && print());

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
  });

  // A form that came back: what its list of problems (planning/_problems.html) names first, or the first field that is marked.
  const firstProblem = (root) => {
    const listed = root.querySelector("[data-problems]");
    const link = listed?.querySelector("[data-goes-to]");
    return (link && document.getElementById(link.hash.slice(1))) ?? listed ?? root.querySelector("[aria-invalid='true']");
  };
  document.addEventListener("DOMContentLoaded", () => firstProblem(document.getElementById("content") ?? document.body)?.focus());
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-goes-to]");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.scrollIntoView({ block: "center" });
  });

  const dialog = () => document.getElementById("dialog");
  const modal = () => (window.bootstrap ?? window.tabler.bootstrap).Modal.getOrCreateInstance(dialog());
  // Those of the form that the dialog's own buttons send.
  const FIELDS = ["input:not([type='hidden'], [type='radio'], [type='checkbox'])", "select", "textarea"]
    .map((field) => `form:has(.modal-footer) ${field}:enabled`).join();
  let opener = null;

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target.id === "dialog-content" && !dialog().classList.contains("show")) opener = event.detail.elt;
  });
  // Whatever way of swapping an opener inherits from what it stands in: the dialog's own frame stays.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id === "dialog-content") event.detail.swapOverride = "innerHTML";
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "dialog-content") return;
    const opens = !dialog().classList.contains("show");
    modal().show();
    // A dialog that came back with errors: to the first one. A form that is made to be filled in: into its first field.
    // What only asks whether something is meant has no such field, and keeps the focus on the dialog.
    const wrong = firstProblem(dialog());
    const first = opens && [...dialog().querySelectorAll(FIELDS)].find((field) => field.checkVisibility());
    if (wrong || first) (wrong || first).focus();
    // Filled in with a proposal, which typing replaces.
    if (first && !wrong && first.matches("[data-selected]")) first.select();
  });
  document.addEventListener("hidden.bs.modal", (event) => {
    if (event.target !== dialog()) return;
    document.getElementById("dialog-content").replaceChildren();
    // What was saved may have drawn the opener anew: then the one with its id takes its place.
    const back = opener && (opener.isConnected ? opener : opener.id && document.getElementById(opener.id));
    if (back) back.focus();
  });
  // When the button that had the keyboard is swapped away, the nearest `data-focus-home` gets it.
  let home = null;
  document.addEventListener("focusin", (event) => {
    home = event.target.closest("[data-focus-home]")?.id ?? null;
  });
  document.addEventListener("pointerdown", (event) => {
    if (!event.target.closest("[data-focus-home]")) home = null;
  });
  document.addEventListener("htmx:afterRequest", () => {
    if (home && document.activeElement === document.body) document.getElementById(home)?.focus({ preventScroll: true });
  });
  // What else takes the place of a dialog's content leaves the keyboard in the dialog: Escape closes it.
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    const isInDialog = detail.target?.id === "dialog-content" && dialog().classList.contains("show");
    if (isInDialog && document.activeElement === document.body) dialog().focus();
  });
  // From the last thing in the dialog the keyboard goes to its first, and back: not out of it.
  const STOPS = "a[href], button:enabled, input:enabled:not([type='hidden']), select:enabled, textarea:enabled, summary, [tabindex='0']";
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Tab" || !dialog()?.contains(event.target)) return;
    const stops = [...dialog().querySelectorAll(STOPS)].filter((stop) => stop.checkVisibility());
    const [from, to] = event.shiftKey ? [stops[0], stops.at(-1)] : [stops.at(-1), stops[0]];
    if (event.target !== from) return;
    event.preventDefault();
    to.focus();
  });
  // What was opened from a dialog's list (`data-back`: its address) closes to that list.
  const back = () => dialog().querySelector("[data-back]")?.dataset.back;
  const goBack = () => htmx.ajax("GET", back(), { source: dialog(), target: "#dialog-content", swap: "innerHTML" })
    .catch(() => {}); // told by the events below
  // Once the answer is swapped in: closing empties the dialog, and what is gone can redraw nothing.
  document.addEventListener("closeDialog", () => setTimeout(() => (back() ? goBack() : modal().hide())));
  // After drafts.js, which asks about what was typed.
  document.addEventListener("hide.bs.modal", (event) => {
    if (event.target !== dialog() || event.defaultPrevented || !back()) return;
    event.preventDefault();
    goBack();
  });
  // What the server offers to undo (organizations/htmx.py); a page's own undo is a function.
  const posting = (undo) => {
    if (!undo?.address) return undo;
    const state = undo.kept_in ? document.getElementById(undo.kept_in).dataset.state : undo.state;
    return () => htmx.ajax("POST", undo.address, { source: document.body, target: document.body, swap: "none", values: { state } })
      .catch(() => {}); // told by the events below
  };
  // Once the answer is swapped in, which may hold what undoes it.
  document.addEventListener("notice", ({ detail }) => setTimeout(() => notice(detail.value, posting(detail.undo), detail.then)));
  // A poll (progress.js) that fails is tried again later without a word; a person's own click gets an answer.
  const tell = (text) => (event) => event.detail.elt.matches("[data-poll]") || notice(words()[text]);
  document.addEventListener("htmx:sendError", tell("offline"));
  document.addEventListener("htmx:responseError", tell("failed"));
})();
