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
  // "in 2 hours": how long until a moment, in the largest unit of which there are at least two.
  const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]];
  const count = () => {
    const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always" });
    document.querySelectorAll("[data-countdown]").forEach((place) => {
      const seconds = Math.max(0, (new Date(place.dataset.countdown) - Date.now()) / 1000);
      const [unit, length] = UNITS.find(([, one]) => seconds >= 2 * one) ?? ["minute", 60];
      place.textContent = words.format(Math.ceil(seconds / length), unit);
    });
  };
  const showAll = () => {
    show(document);
    count();
  };
  document.addEventListener("DOMContentLoaded", showAll);
  document.addEventListener("htmx:afterSettle", showAll);
  setInterval(count, 15000);
})();
