// Asks for news while something on the page is on its way: at once and often, then less often, never in a hidden tab.
// A `data-poll` element is asked (its htmx trigger is "poll") as long as it contains something `data-busy`.
// Also keeps the keyboard's place when the button that had it is swapped away: the nearest `data-focus-home` gets it.
(() => {
  const OFTEN = 150;
  const OFTEN_FOR = 2500;
  const SELDOM = 4000;
  const TROUBLE = 5000;
  const waits = new WeakMap();

  const isBehindDialog = (poller) => document.querySelector(".modal.show") && !poller.closest(".modal");

  const wait = (poller, state) => {
    clearTimeout(state.timer);
    waits.set(poller, state);
    state.timer = setTimeout(() => ask(poller, state), state.delay);
  };

  const ask = (poller, state) => {
    state.timer = 0;
    if (!poller.isConnected || !poller.querySelector("[data-busy]")) waits.delete(poller);
    else if (document.hidden) state.asleep = true;
    else if (isBehindDialog(poller)) wait(poller, { ...state, delay: SELDOM });
    else htmx.trigger(poller, "poll");
  };

  const start = (afresh) => {
    for (const poller of document.querySelectorAll("[data-poll]")) {
      if (!poller.querySelector("[data-busy]")) continue;
      const state = waits.get(poller);
      if (!state || afresh) wait(poller, { ...state, delay: OFTEN, since: Date.now(), asleep: false });
    }
  };

  document.addEventListener("htmx:afterRequest", (event) => {
    const poller = event.detail.elt;
    const state = waits.get(poller);
    if (!poller.matches("[data-poll]") || !state) return;
    const often = Date.now() - state.since < OFTEN_FOR;
    const delay = often ? OFTEN : Math.min(state.delay * 1.3, SELDOM);
    wait(poller, { ...state, delay: event.detail.successful ? delay : TROUBLE });
  });

  // A row that came in: start asking, or ask often again because things are moving.
  document.addEventListener("htmx:load", () => start(false));
  document.addEventListener("htmx:oobAfterSwap", () => start(true));
  document.addEventListener("hidden.bs.modal", () => start(true));
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) start(true);
  });

  let home = null;
  document.addEventListener("focusin", (event) => {
    home = event.target.closest("[data-focus-home]")?.id ?? null;
  });
  document.addEventListener("pointerdown", (event) => {
    if (!event.target.closest("[data-focus-home]")) home = null;
  });
  document.addEventListener("htmx:afterRequest", () => {
    if (home && document.activeElement === document.body) document.getElementById(home)?.focus({ preventScroll: true });
  });
})();
