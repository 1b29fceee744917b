// Shows times in the visitor's own zone, which only the browser knows.
(() => {
  // "Berlin, GMT+1": the zone's city, and its offset at a moment.
  const zoneName = (zone, moment) => {
    const parts = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "shortOffset" }).formatToParts(moment);
    const offset = parts.find((part) => part.type === "timeZoneName").value.replace("GMT+0", "GMT");
    const city = zone.split("/").pop().replaceAll("_", " ");
    if (zone === "UTC" || zone === "Etc/UTC") {
      return "UTC";
    }
    return zone.startsWith("Etc/") ? offset : `${city}, ${offset}`;
  };
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
    root.querySelectorAll("[data-local-zone]").forEach((name) => {
      name.textContent = zoneName(zone, new Date(name.dataset.localZone));
    });
  };
  document.addEventListener("DOMContentLoaded", () => show(document));
  document.addEventListener("htmx:afterSettle", () => show(document));
})();
