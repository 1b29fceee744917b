// Keeps "New schedule" on the server while it is typed, so that leaving asks nothing and coming back finds it.
// What the server has not confirmed yet, because the session has ended or the network is away, is kept in the tab as
// well (in the form that drafts.js cleans up), and put back into the page when it is opened again.
(() => {
  const SOON = 600;
  const KEY = "draft:page ";
  let kept = null; // the content that the server has, or that nobody has changed yet
  let sending = null; // the content that is on its way
  let sequence = 0;
  let timer = 0;
  let savedAt = ""; // when the server got the last one, as clocks read where the reader is
  let isSent = false; // the form itself is on its way: what becomes of the draft is said by the answer

  const find = () => document.getElementById("builder");
  const value = (form, name) => form.elements.namedItem(name).value;
  const keyOf = (form) => KEY + value(form, "draft-page");

  const content = (form) => {
    const data = new URLSearchParams(new FormData(form));
    for (const name of ["csrfmiddlewaretoken", "once", "q", "draft-page", "draft-form"]) data.delete(name);
    return data.toString();
  };

  const message = (form) => {
    const data = new URLSearchParams(new FormData(form));
    sequence = Math.max(Date.now(), sequence + 1);
    data.set("part", "draft");
    data.set("draft-sequence", sequence);
    return data;
  };

  const stash = (form, sent = false) => {
    const stored = { member: document.body.dataset.member, form: value(form, "draft-form"), content: content(form), sent };
    try {
      sessionStorage.setItem(keyOf(form), JSON.stringify(stored));
    } catch {
      // The tab's store is full; the server gets it in a moment.
    }
  };

  const say = () => {
    const state = document.querySelector("[data-draft-state]");
    const words = state.querySelector("[data-draft-words]");
    state.hidden = !savedAt;
    words.textContent = words.dataset.draftWords.replace("{time}", savedAt);
  };

  const save = async () => {
    const form = find();
    const now = content(form);
    if (sending !== null || isSent || now === kept) return;
    sending = now;
    const answer = await fetch(form.dataset.draft, { method: "POST", body: message(form), redirect: "manual" }).catch(() => null);
    sending = null;
    if (answer?.status !== 204) return; // the next change tries again, and the tab has it
    kept = now;
    savedAt = answer.headers.get("Saved-At") ?? savedAt;
    say();
    if (content(find()) === now && !isSent) sessionStorage.removeItem(keyOf(form));
    else soon();
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(save, SOON);
  };

  const changed = () => {
    const form = find();
    if (content(form) === kept) return;
    stash(form);
    soon();
  };

  document.addEventListener("input", (event) => { if (event.target.form === find()) changed(); });
  document.addEventListener("change", (event) => { if (event.target.form === find()) changed(); });
  document.addEventListener("htmx:afterSwap", (event) => { if (event.detail.target.closest("#builder") || event.detail.target.id === "builder") { say(); changed(); } });

  const leave = () => {
    const form = find();
    if (form && !isSent && content(form) !== kept && navigator.sendBeacon(form.dataset.draft, message(form))) kept = content(form);
  };
  window.addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", () => { if (document.hidden) leave(); });

  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || !event.target.querySelector("[name='draft-page']")) return;
    isSent = true;
    clearTimeout(timer);
    if (event.submitter?.value === "start-over") sessionStorage.removeItem(keyOf(find()));
    else stash(find(), true);
  });
  // Gone back to as it was: it can be typed into again.
  window.addEventListener("pageshow", () => { isSent = false; });

  document.addEventListener("DOMContentLoaded", () => {
    const form = find();
    kept = content(form);
    savedAt = document.getElementById("start-over").dataset.saved;
    say();
    if ("draftRefused" in form.dataset) {
      kept = null; // what was sent is in it, and perhaps not in the draft
      soon();
      return;
    }
    const stored = JSON.parse(sessionStorage.getItem(keyOf(form)));
    if (!stored) return;
    const isOver = stored.form === form.dataset.draftOver;
    if (isOver) sessionStorage.removeItem(keyOf(form));
    if (isOver || stored.content === kept) return;
    const values = {};
    for (const [name, text] of new URLSearchParams(stored.content)) values[name] = [...values[name] ?? [], text];
    for (const name of ["draft-page", "draft-form"]) values[name] = value(form, name);
    form.dispatchEvent(new CustomEvent("redraw", { bubbles: true, detail: values }));
  });
})();
