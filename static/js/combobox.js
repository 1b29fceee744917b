// A text field with a list of what fits below it, found by the server while one types (the ARIA pattern "combobox").
//   <div class="combobox">
//     <input type="hidden" name="..." data-combobox-value>           optional: what is sent; the text otherwise
//     <input type="text" role="combobox" data-combobox="/address/" aria-controls="x" aria-expanded="false">
//     <div class="combobox-list" role="listbox" id="x" hidden></div>
//   </div>
// `/address/?q=words` answers with `role="option"` elements: `data-value` is sent, `data-text` stands in the field. With
// `data-here` the browser's time zone is asked for, too. A choice tells "combobox:choose" first (detail: value, text,
// option); where that is prevented, the listener does the rest. With `data-rows` only a choice is sent, or nothing where
// the field is emptied: who leaves it with other words in it finds the former choice again.
(() => {
  const WAIT = 150;
  const states = new WeakMap(); // field -> { timer, request, shown: words the list belongs to, isTyped, isChosen }

  const fieldOf = (target) => target.closest?.("[data-combobox]");
  const listOf = (field) => document.getElementById(field.getAttribute("aria-controls"));
  const hiddenOf = (field) => field.closest(".combobox").querySelector("[data-combobox-value]");
  const isOfRows = (field) => "rows" in field.dataset;
  const optionsOf = (field) => [...listOf(field).querySelectorAll("[role='option']")];
  const markedOf = (field) => listOf(field).querySelector("[aria-selected='true']");
  const isOpen = (field) => !listOf(field).hidden;
  const stateOf = (field) => {
    if (!states.has(field)) states.set(field, { timer: 0, shown: null, isTyped: false, isChosen: false });
    return states.get(field);
  };

  const mark = (field, option) => {
    markedOf(field)?.setAttribute("aria-selected", "false");
    if (!option) return field.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };

  const close = (field) => {
    const state = stateOf(field);
    clearTimeout(state.timer);
    state.request?.abort();
    Object.assign(state, { shown: null, isChosen: false });
    listOf(field).hidden = true;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };

  // Names of countries in the reader's language, which the browser knows.
  const translate = (list) => {
    const regions = new Intl.DisplayNames([document.documentElement.lang || "en"], { type: "region" });
    for (const name of list.querySelectorAll("[data-region]")) name.textContent = regions.of(name.dataset.region);
  };

  const show = (field, html, words) => {
    const list = listOf(field);
    list.innerHTML = html;
    optionsOf(field).forEach((option, number) => Object.assign(option, { id: `${list.id}-${number}` }));
    translate(list);
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
    const state = stateOf(field);
    state.shown = words;
    mark(field, words ? optionsOf(field)[0] : null);
    if (state.isChosen) choose(field, markedOf(field));
  };

  const find = async (field, words) => {
    const state = stateOf(field);
    clearTimeout(state.timer);
    state.request?.abort();
    state.request = new AbortController();
    const address = new URL(field.dataset.combobox, location.href);
    address.searchParams.set("q", words);
    if (!words && "here" in field.dataset) address.searchParams.set("here", Intl.DateTimeFormat().resolvedOptions().timeZone);
    try {
      const answer = await fetch(address, { signal: state.request.signal, headers: { "HX-Request": "true" } });
      const html = answer.ok && !answer.redirected ? await answer.text() : null;
      if (html !== null && document.activeElement === field) show(field, html, words);
    } catch {
      // A newer question took its place, or the network is away: what is typed can be sent as it is.
    }
  };

  const tell = (element, name) => element.dispatchEvent(new CustomEvent(name, { bubbles: true, detail: { combobox: true } }));

  // Words that nobody chose: nothing is sent of them.
  const leave = (field) => {
    const state = stateOf(field);
    state.isTyped = false;
    if (field.value.trim()) field.value = state.before;
    else {
      state.before = hiddenOf(field).value = "";
      tell(hiddenOf(field), "change");
    }
  };

  const choose = (field, option) => {
    close(field);
    Object.assign(stateOf(field), { isTyped: false });
    if (!option) return;
    const { value, text = option.textContent.trim() } = option.dataset;
    const event = new CustomEvent("combobox:choose", { bubbles: true, cancelable: true, detail: { value, text, option } });
    if (!field.dispatchEvent(event)) return;
    field.value = stateOf(field).before = text;
    tell(field, "input");
    const hidden = hiddenOf(field);
    if (hidden) hidden.value = value;
    tell(hidden ?? field, "change");
  };

  document.addEventListener("input", (event) => {
    const field = fieldOf(event.target);
    if (!field || event.detail?.combobox) return;
    const state = stateOf(field);
    state.isTyped = true;
    const hidden = hiddenOf(field);
    if (isOfRows(field)) state.before ??= field.defaultValue;
    else if (hidden) hidden.value = field.value; // until something is chosen; the server reads cities, too
    clearTimeout(state.timer);
    state.timer = setTimeout(() => find(field, field.value.trim()), WAIT);
  });

  // Typed to the end, and not chosen.
  document.addEventListener("change", (event) => {
    const field = fieldOf(event.target);
    if (!field || event.detail?.combobox || !hiddenOf(field)) return;
    if (isOfRows(field)) {
      event.stopPropagation();
      leave(field);
    } else tell(hiddenOf(field), "change");
  });

  const STEPS = { ArrowDown: 1, ArrowUp: -1 };
  const press = (field, key) => {
    const state = stateOf(field);
    const all = optionsOf(field);
    if (key in STEPS && !isOpen(field)) find(field, state.isTyped ? field.value.trim() : "");
    else if (key in STEPS && all.length) {
      const at = all.indexOf(markedOf(field));
      mark(field, all[at < 0 && STEPS[key] < 0 ? all.length - 1 : (at + STEPS[key] + all.length) % all.length]);
    } else if (key === "Enter" && state.isTyped && state.shown !== field.value.trim()) state.isChosen = true;
    else if (key === "Enter" && isOpen(field) && markedOf(field)) choose(field, markedOf(field));
    else if (key === "Escape" && isOpen(field)) close(field);
    else return false;
    return true;
  };
  // Before a dialog around it takes Escape.
  document.addEventListener("keydown", (event) => {
    const field = fieldOf(event.target);
    if (!field || event.isComposing) return;
    if (event.key === "Tab" && stateOf(field).isTyped && isOpen(field) && stateOf(field).shown === field.value.trim()) choose(field, markedOf(field));
    else if (press(field, event.key)) {
      event.preventDefault();
      event.stopPropagation();
    }
  }, true);

  document.addEventListener("focusin", (event) => {
    if (fieldOf(event.target) && !stateOf(event.target).isTyped) event.target.select();
  });
  document.addEventListener("focusout", (event) => {
    const field = fieldOf(event.target);
    if (field) close(field);
  });
  // The field keeps the keyboard while the list is clicked.
  document.addEventListener("pointerdown", (event) => {
    if (event.target.closest?.(".combobox-list")) event.preventDefault();
  });
  document.addEventListener("mousedown", (event) => {
    if (event.target.closest?.(".combobox-list")) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const field = fieldOf(event.target);
    if (field && !isOpen(field) && !field.disabled && !field.readOnly) find(field, "");
    const option = event.target.closest?.(".combobox [role='option']");
    if (option) choose(option.closest(".combobox").querySelector("[data-combobox]"), option);
  });

  // Whoever is new is offered the place where their browser is; what was typed stays.
  const propose = async (field) => {
    const address = new URL(field.dataset.combobox, location.href);
    address.searchParams.set("here", Intl.DateTimeFormat().resolvedOptions().timeZone);
    const answer = await fetch(address).catch(() => null);
    if (!answer?.ok || stateOf(field).isTyped) return;
    const first = document.createElement("template");
    first.innerHTML = await answer.text();
    const option = first.content.querySelector("[role='option']");
    if (!option || stateOf(field).isTyped) return;
    field.value = option.dataset.text;
    hiddenOf(field).value = option.dataset.value;
  };
  document.addEventListener("DOMContentLoaded", () => {
    for (const field of document.querySelectorAll("[data-here='propose']")) {
      if (field.getAttribute("aria-invalid") !== "true" && !field.form.querySelector("[aria-invalid='true']")) propose(field);
    }
  });
})();
