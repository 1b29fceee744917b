// The command palette: a field with a list below it, in a dialog above the page. The server finds (find/); here are the
// arrow keys, Enter, and what is said to screen readers. What is typed stays in the field and in no history.
(() => {
  const box = () => document.getElementById("palette");
  const field = () => document.getElementById("palette-field");
  const options = () => [...box().querySelectorAll("[role='option']")];
  const marked = () => box().querySelector("[aria-selected='true']");
  let asked = null; // what was asked for last
  let shown = null; // what the list belongs to
  let isChosen = false; // Enter was pressed before the list was there

  const mark = (option) => {
    marked()?.setAttribute("aria-selected", "false");
    field().setAttribute("aria-expanded", String(Boolean(option)));
    if (!option) return field().removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    field().setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };

  const open = () => {
    if (!box() || box().open) return;
    Object.assign(field(), { value: "" });
    shown = null;
    isChosen = false;
    box().showModal();
    field().focus();
    htmx.trigger(field(), "palette");
  };
  document.addEventListener("palette-open", open);

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-palette-opens]")) open();
    const dialog = event.target.closest("dialog");
    // Beside it, or on what closes it.
    if (event.target === box() || (dialog && event.target.closest("[data-closes]"))) dialog.close();
  });
  // Before what was chosen opens a dialog of its own: that would stand below this one.
  document.addEventListener("click", (event) => {
    if (event.target.closest("#palette [role='option']") && !event.ctrlKey && !event.metaKey) box().close();
  }, true);

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt === field()) asked = field().value;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "palette-found") return;
    shown = asked;
    mark(options()[0]);
    if (isChosen && shown === field().value) marked()?.click();
    isChosen = false;
  });

  const STEPS = { ArrowDown: 1, ArrowUp: -1 };
  document.addEventListener("keydown", (event) => {
    if (event.target !== field() || event.isComposing) return;
    const all = options();
    if (event.key in STEPS && all.length) mark(all[(all.indexOf(marked()) + STEPS[event.key] + all.length) % all.length]);
    else if (event.key === "Enter" && shown === field().value) marked()?.click();
    else if (event.key === "Enter") isChosen = true;
    else return;
    event.preventDefault();
  });
  document.addEventListener("pointermove", (event) => {
    const option = event.target.closest?.("#palette [role='option']");
    if (option && option !== marked()) mark(option);
  });
  // A dialog of Bootstrap below would take the keyboard back.
  document.addEventListener("DOMContentLoaded", () => box()?.addEventListener("focusin", (event) => event.stopPropagation()));
})();
