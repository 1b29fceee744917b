// A form's save bar appears when something in it differs from how the server sent it, and goes when that is taken back.
// Without scripts it always stands there (panelist.css).
(() => {
  const isDifferent = (field) => {
    if (field.type === "hidden" || !field.name) return false;
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.type === "file") return field.files.length > 0;
    if (field.tagName !== "SELECT") return "defaultValue" in field && field.value !== field.defaultValue;
    const options = [...field.options];
    // Without a chosen one, a browser takes the first.
    if (!options.some((option) => option.defaultSelected)) return field.selectedIndex > 0;
    return options.some((option) => option.selected !== option.defaultSelected);
  };

  const look = (form) => {
    const bar = form?.querySelector("[data-save-bar]");
    if (!bar) return;
    // A form that came back with errors holds what is not saved.
    const isChanged = "refused" in bar.dataset || [...form.elements].some(isDifferent);
    bar.classList.toggle("is-changed", isChanged);
    bar.querySelector("[data-save-bar-words]").textContent = isChanged ? bar.dataset.saveBar : "";
  };

  for (const name of ["input", "change"]) document.addEventListener(name, (event) => look(event.target.form));
  document.addEventListener("reset", (event) => {
    const form = event.target;
    if (!form.querySelector("[data-save-bar]")) return;
    // After the fields have taken their first values; drafts.js then forgets what it kept.
    setTimeout(() => {
      for (const field of form.elements) if (field.name) field.dispatchEvent(new CustomEvent("change", { bubbles: true, detail: { combobox: true } }));
      form.querySelector("[role='alert'], .is-invalid, input:not([type='hidden'])")?.focus();
    });
  });
  // Back from another page, with what a browser or drafts.js has kept.
  addEventListener("pageshow", () => document.querySelectorAll("form:has([data-save-bar])").forEach(look));
})();
