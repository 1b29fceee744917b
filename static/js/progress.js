// Asks for news while something on the page is on its way: at once and often, then less often, never in a hidden tab.
// A `data-poll` element (its htmx trigger is "poll") is asked as long as it is, or contains, something `data-busy`; its
// value is the seconds between two questions, where that is more than the first moments need. What is exchanged as a
// whole stays where the answer says the same as before: the keyboard may be in it.
(() => {
  const OFTEN = 150;
  const OFTEN_FOR = 2500;
  const SELDOM = 4000;
  const TROUBLE = 5000;
  const waits = new WeakMap();
  const answers = new WeakMap();

  // What an answer says: the forms in it have another mask over their token each time.
  const said = (xhr) => xhr.responseText.replace(/(name="csrfmiddlewaretoken" value=")[^"]+/g, "$1");
  const isBusy = (poller) => poller.isConnected && (poller.matches("[data-busy]") || poller.querySelector("[data-busy]"));
  const isWhole = (poller) => poller.getAttribute("hx-swap") === "outerHTML";
  const isBehindDialog = (poller) => document.querySelector(".modal.show") && !poller.closest(".modal");
  const pace = (poller) => Number(poller.dataset.poll) * 1000 || OFTEN;

  const wait = (poller, state) => {
    clearTimeout(state.timer);
    waits.set(poller, state);
    state.timer = setTimeout(() => ask(poller, state), state.delay);
  };

  const ask = (poller, state) => {
    state.timer = 0;
    if (!isBusy(poller)) waits.delete(poller);
    else if (document.hidden) return; // seen again, it is asked at once
    else if (isBehindDialog(poller)) wait(poller, { ...state, delay: SELDOM });
    else htmx.trigger(poller, "poll");
  };

  const start = (afresh) => {
    for (const poller of document.querySelectorAll("[data-poll]")) {
      const state = waits.get(poller);
      const delay = afresh ? OFTEN : pace(poller);
      if (isBusy(poller) && (!state || afresh)) wait(poller, { ...state, delay, since: Date.now() });
    }
  };

  // What an answer has drawn, and another one like it.
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.elt.matches("[data-poll]")) answers.set(detail.elt, said(detail.xhr));
  });
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (isWhole(detail.elt) && answers.get(detail.elt) === said(detail.xhr)) detail.shouldSwap = false;
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt: poller, successful } = event.detail;
    const state = waits.get(poller);
    if (!poller.matches("[data-poll]") || !state) return;
    const often = Date.now() - state.since < OFTEN_FOR;
    const delay = often ? pace(poller) : Math.min(state.delay * 1.3, Math.max(SELDOM, pace(poller)));
    wait(poller, { ...state, delay: successful ? delay : Math.max(TROUBLE, delay) });
  });

  // Something came in: start asking, or ask often again because things are moving.
  document.addEventListener("htmx:load", () => start(false));
  document.addEventListener("htmx:oobAfterSwap", () => start(true));
  document.addEventListener("hidden.bs.modal", () => start(true));
  document.addEventListener("visibilitychange", () => document.hidden || start(true));
})();
