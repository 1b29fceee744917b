// Shows times in the visitor's own zone, which only the browser knows.
(() => {
  const show = (root) => {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    // The page's language, in the way the visitor's own country writes it.
    const { lang } = document.documentElement;
    const language = navigator.languages.find((one) => one.split("-")[0] === lang.split("-")[0]) ?? lang;
    root.querySelectorAll("[data-local-time]").forEach((time) => {
      time.textContent = new Date(time.dateTime).toLocaleString(language, {
        weekday: "long", day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit",
      });
    });
    root.querySelectorAll("[data-local-clock]").forEach((time) => {
      time.textContent = new Date(time.dateTime).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
    });
    root.querySelectorAll("[data-local-zone]").forEach((name) => { name.textContent = zone; });
  };
  document.addEventListener("DOMContentLoaded", () => show(document));
  document.addEventListener("htmx:afterSettle", () => show(document));
})();
