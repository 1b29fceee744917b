// A session that has ended is begun again in a dialog above the page. So the page stays as it is, with what was typed,
// chosen (files too) and opened; then what was asked for is done. Storing what was typed and leading to the sign-in page
// and back would keep less, and would keep people's data in the browser.
// Three ways lead here. htmx: a request that was refused is repeated as it was. A form that leaves the page: before it is
// sent it is asked for whether the session holds, because after it the page would be gone. A script that fetches
// (day-view.js): it says "sessionOver" and is told whether to ask again. Each way the page gets the token that belongs
// to the session: one of before a sign-in, perhaps in another tab, would be refused.
(() => {
  const box = () => document.getElementById("session-dialog");
  const ask = (options) => fetch(box().dataset.address, { headers: { "HX-Request": "true" }, ...options });
  const offline = () => document.dispatchEvent(new CustomEvent("notice", { detail: { value: document.getElementById("words").dataset.offline } }));

  const renew = (answer) => {
    const token = answer.headers.get("X-CSRFToken");
    document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
    for (const field of document.querySelectorAll("[name='csrfmiddlewaretoken']")) field.value = token;
  };

  const fill = (html) => {
    box().innerHTML = html;
    const email = box().querySelector("[name='login']");
    if (email) Object.assign(email, { value: box().dataset.email, readOnly: true });
    box().querySelector("[type='password'], button")?.focus();
  };

  const show = (html) => {
    if (!box().open) box().showModal();
    fill(html);
  };

  // Whether the page's user is signed in, at the latest after asking for the password.
  const check = async () => {
    const answer = await ask();
    if (answer.status === 204) renew(answer);
    if (answer.status !== 401) return true; // other trouble: let the request itself meet it
    box().returnValue = "";
    show(await answer.text());
    await new Promise((done) => box().addEventListener("close", done, { once: true }));
    return box().returnValue === "in";
  };
  let checking = null;
  const signedIn = () => (checking ??= check().catch(() => offline()).finally(() => (checking = null)));
  document.addEventListener("sessionOver", (event) => signedIn().then(event.detail));

  document.addEventListener("submit", async (event) => {
    if (!box()?.contains(event.target)) return;
    event.preventDefault();
    const answer = await ask({ method: "POST", body: new FormData(event.target) }).catch(offline);
    if (answer?.status === 204) {
      renew(answer);
      box().close("in");
    } else if (answer) fill(await answer.text());
  });

  document.addEventListener("click", async (event) => {
    if (event.target.closest("[data-session-close]")) box().close();
    if (!event.target.closest("[data-session-continue]")) return;
    const answer = await ask().catch(offline);
    if (answer?.status === 204) {
      renew(answer);
      box().close("in");
    } else if (answer) fill(await answer.text());
  });
  document.addEventListener("close", (event) => event.target === box() && box().replaceChildren(), true);
  // A Bootstrap dialog below would take the keyboard back.
  document.addEventListener("DOMContentLoaded", () => box()?.addEventListener("focusin", (event) => event.stopPropagation()));

  // htmx -------------------------------------------------------------------------------------------------------------
  const waiting = new Map();
  const repeated = new WeakSet();
  let repeating = false;

  const repeat = ({ elt, target, requestConfig, etc }) => {
    if (!elt.isConnected) return;
    const values = new FormData();
    for (const [name, value] of requestConfig.formData) if (name !== "csrfmiddlewaretoken") values.append(name, value);
    repeated.add(elt);
    repeating = true;
    htmx.ajax(requestConfig.verb, requestConfig.path, {
      source: elt,
      event: requestConfig.triggeringEvent,
      target: target.isConnected ? target : undefined,
      swap: etc.swapOverride,
      select: etc.select,
      values,
    }).catch(() => {}); // told by htmx's own events
    repeating = false;
  };

  // What was confirmed is not asked again.
  document.addEventListener("htmx:confirm", (event) => {
    if (!repeating || !event.detail.question) return;
    event.preventDefault();
    event.detail.issueRequest(true);
  });

  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const { xhr, elt } = event.detail;
    const again = repeated.delete(elt);
    const refused = xhr.getResponseHeader("X-CSRF-Refused");
    if (!box() || (xhr.status !== 401 && !refused)) return;
    event.preventDefault();
    if (elt.matches("[data-poll]")) return; // a poll asks again later; nobody waits for this answer
    if (refused && again) return show(xhr.responseText);
    waiting.set(elt, event.detail);
    signedIn().then((here) => {
      const requests = [...waiting.values()];
      waiting.clear();
      if (here) requests.forEach(repeat);
    });
  });

  // Forms that leave the page ----------------------------------------------------------------------------------------
  // "busy" from the click until the next page is there.
  const checked = new WeakSet();
  const held = new WeakSet();
  const free = (form) => {
    held.delete(form);
    form.removeAttribute("aria-busy");
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!box() || event.defaultPrevented || form.method !== "post" || form.matches("[data-sign-out]")) return;
    if (checked.has(form)) return;
    event.preventDefault();
    if (held.has(form)) return;
    held.add(form);
    form.setAttribute("aria-busy", "true");
    const { submitter } = event;
    signedIn().then((here) => {
      if (!here || !form.isConnected) return free(form);
      held.delete(form);
      checked.add(form);
      form.requestSubmit(submitter);
      checked.delete(form);
      if (form.matches("[data-download]")) free(form); // the answer is a file, and this page stays
    });
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("form[aria-busy]").forEach(free));

  // It is sent as it was when its button was pressed: an answer to an earlier change would take that button, or all of
  // the form, away. What is not drawn now is drawn with the next change.
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    for (const form of document.querySelectorAll("form[aria-busy]")) {
      if (held.has(form) && (form.contains(detail.target) || detail.target.contains(form))) detail.shouldSwap = false;
    }
  });
})();
