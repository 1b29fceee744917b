// Proposes the browser's own time zone to whoever is new; what was chosen by hand stays.
(() => {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const select of document.querySelectorAll("select[data-browser-zone]")) {
    // Browsers keep older spellings for some places: Chromium calls India's zone Asia/Calcutta.
    const place = JSON.parse(select.dataset.browserZone)[here] ?? here;
    const known = [...select.options].some((option) => option.value === place);
    if (known && !select.form.querySelector("[aria-invalid='true']")) select.value = place;
  }
})();
