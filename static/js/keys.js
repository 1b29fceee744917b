// Shortcuts. Ctrl-K (or Command-K) opens the palette everywhere. Keys without a modifier do not work while somebody
// types or a dialog is open, and can be switched off for this browser in the dialog that lists them (WCAG 2.1.4).
// Ctrl-Enter saves a form with `data-saves`, wherever in it the keyboard is.
// `data-keys="g h"` on a link or button: these keys, one after the other, press it.
(() => {
  const SWITCH = "keys";
  const PAUSE = 1500;
  const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
  const isOn = () => localStorage.getItem(SWITCH) !== "off";
  const dialog = () => document.getElementById("keys");
  const FIELDS = "input:not([type='checkbox'], [type='radio']), textarea, select, [contenteditable='true']";
  // The field of a dialog that was just closed has the keyboard for a moment longer.
  const isTyping = (element) => element.closest(FIELDS)?.checkVisibility();
  const isCovered = () => document.querySelector("dialog[open], .modal.show, .offcanvas-lg.show, .dropdown-menu.show");
  // Arrows, where they scroll or choose nothing: on the page itself, and on links.
  const isArrow = ({ key, target }) => ["ArrowLeft", "ArrowRight"].includes(key) && (target === document.body || target.matches("a"));
  let pressed = [];
  let last = 0;

  const show = () => {
    if (!dialog() || dialog().open) return;
    dialog().querySelector("[data-keys-switch]").checked = isOn();
    dialog().showModal();
  };

  const press = (event) => {
    pressed = event.timeStamp - last < PAUSE ? [...pressed, event.key.toLowerCase()] : [event.key.toLowerCase()];
    last = event.timeStamp;
    // The longest end of what was pressed that is a shortcut: "g", "n" is "n".
    for (let from = 0; from < pressed.length; from += 1) {
      const found = document.querySelector(`[data-keys="${CSS.escape(pressed.slice(from).join(" "))}"]`);
      if (!found) continue;
      pressed = [];
      return found.click();
    }
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    if ((isMac ? event.metaKey : event.ctrlKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      if (!document.getElementById("palette") || document.querySelector("dialog[open], .modal.show")) return;
      event.preventDefault();
      return document.dispatchEvent(new Event("palette-open"));
    }
    const form = (event.ctrlKey || event.metaKey) && event.key === "Enter" && event.target.closest("form[data-saves]");
    if (form) {
      event.preventDefault();
      return form.querySelector("[data-save]:enabled")?.click();
    }
    if (event.ctrlKey || event.metaKey || event.altKey || (event.key.length > 1 && !isArrow(event))) return;
    if (!isOn() || isTyping(event.target) || isCovered()) return;
    if (event.key === "/") document.dispatchEvent(new Event("palette-open"));
    else if (event.key === "?") show();
    else return press(event);
    event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys-opens]")) show();
    if (event.target === dialog()) dialog().close();
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-keys-switch]")) return;
    if (event.target.checked) localStorage.removeItem(SWITCH);
    else localStorage.setItem(SWITCH, "off");
  });
  document.addEventListener("DOMContentLoaded", () => {
    if (isMac) for (const key of document.querySelectorAll("[data-command-key]")) key.textContent = "⌘";
  });
})();
