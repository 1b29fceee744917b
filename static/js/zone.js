// Proposes the browser's own time zone to whoever is new; what was chosen by hand stays.
(() => {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const select of document.querySelectorAll("select[data-browser-zone]")) {
    const known = [...select.options].some((option) => option.value === here);
    if (known && !select.form.querySelector("[aria-invalid='true']")) select.value = here;
  }
})();
