// Keeps Home true while it is open: the line of now moves on, and rows say what is done, now, or begins soon. Asks the
// server only on another day, or when the page is seen again after a while: a poll would keep its session alive.
(() => {
  const STEP = 15000;
  const STALE = 5 * 60000;
  const COUNTDOWN = 3600;
  let asked = Date.now();

  const home = () => document.querySelector("[data-home]");
  const inZone = (language, options) => new Intl.DateTimeFormat(language, { ...options, timeZone: home().dataset.zone }).format();
  const minutes = (seconds) =>
    new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always" }).format(Math.ceil(seconds / 60), "minute");

  const tell = (row, now) => {
    const starts = Number(row.dataset.starts);
    const ends = Number(row.dataset.ends);
    const state = row.querySelector("[data-state]");
    const isNext = now < ends && starts - now <= COUNTDOWN;
    const words = starts > now ? minutes(starts - now) : state.dataset.running;
    const text = now >= ends ? state.dataset.over : isNext ? words : "";
    row.classList.toggle("home-row-next", isNext);
    if (state.textContent.trim() !== text) state.textContent = text;
  };

  const moveLine = (line, now) => {
    const rows = [...line.parentElement.querySelectorAll("[data-starts]")];
    const next = rows.find((row) => Number(row.dataset.starts) > now);
    if (next && line.nextElementSibling !== next) next.before(line);
    if (!next && line.previousElementSibling !== rows.at(-1)) rows.at(-1).after(line);
    line.querySelector("[data-now-time]").textContent = inZone("en-GB", { hour: "2-digit", minute: "2-digit" });
  };

  const tick = () => {
    const now = Date.now() / 1000;
    for (const row of document.querySelectorAll("[data-starts]")) tell(row, now);
    const line = document.querySelector("[data-now-line]");
    if (line) moveLine(line, now);
  };

  const refresh = () => {
    asked = Date.now();
    htmx.trigger(home(), "homeChanged");
  };

  // Most visits open no dialog, so its files come with the first one, in their order.
  document.addEventListener("htmx:beforeRequest", ({ detail }) => {
    const files = document.getElementById("dialog-files");
    if (detail.target.id !== "dialog-content" || !files) return;
    files.remove();
    for (const file of document.importNode(files.content, true).querySelectorAll("link, script")) {
      file.async = false;
      document.head.append(file);
    }
  });

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && home() && Date.now() - asked > STALE) refresh();
  });
  setInterval(() => {
    if (document.hidden || !home()) return;
    const isAnotherDay = home().dataset.today !== inZone("en-CA", { year: "numeric", month: "2-digit", day: "2-digit" });
    if (isAnotherDay && Date.now() - asked > STALE) refresh();
    else tick();
  }, STEP);
})();
