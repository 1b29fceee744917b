// "Add interviewer": a field with a list below it. The row's ids stand in a text field, with commas between them; the
// server draws the chips from it, and the list: free people first, the least loaded on top. A chosen one has its chip
// at once, from its option. Who is free depends on the whole form, so it is sent along; combobox.js, for one value from
// a list that is the same for everybody, asks by words alone.
// A row's room is chosen in the same way, one alone (data-single): another takes its place.
// Enter adds who is marked, Backspace in the empty field removes the last, Escape closes.
(() => {
  const SOON = 150;
  const boxOf = (element) => element.closest?.("[data-people]");
  const part = (box, name) => box.querySelector(`[data-${name}]`);
  const fieldOf = (box) => box.querySelector("[role='combobox']");
  const listOf = (box) => box.querySelector("[role='listbox']");
  const options = (box) => [...listOf(box).querySelectorAll("[role='option']")];
  const marked = (box) => listOf(box).querySelector("[aria-selected='true']");
  const isOpen = (box) => !part(box, "found").hidden;
  const idsOf = (box) => part(box, "people-ids").value.split(",").filter(Boolean);
  let timer = 0;

  const mark = (box, option) => {
    marked(box)?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) fieldOf(box).setAttribute("aria-activedescendant", option.id);
    else fieldOf(box).removeAttribute("aria-activedescendant");
  };

  const close = (box) => {
    clearTimeout(timer);
    htmx.trigger(fieldOf(box), "htmx:abort");
    part(box, "found").hidden = true;
    fieldOf(box).setAttribute("aria-expanded", "false");
    listOf(box).replaceChildren();
    mark(box, null);
  };

  const find = (box, wait = 0) => {
    clearTimeout(timer);
    timer = setTimeout(() => box.isConnected && htmx.trigger(fieldOf(box), "find"), wait);
  };

  // The day view and the conflicts follow what is chosen, as after typing.
  const tell = (box) => {
    for (const name of ["input", "change"]) part(box, "people-ids").dispatchEvent(new Event(name, { bubbles: true }));
  };

  const choose = (box, option) => {
    const id = option.dataset.option;
    if (!idsOf(box).includes(id)) {
      const chips = box.querySelector(".person-chips");
      const isSingle = "single" in box.dataset;
      if (isSingle) chips.replaceChildren();
      part(box, "people-ids").value = isSingle ? id : [...idsOf(box), id].join(",");
      chips.insertBefore(option.querySelector("template").content.cloneNode(true), chips.querySelector(".person-count"));
    }
    fieldOf(box).value = "";
    option.remove();
    if (idsOf(box).length < Number(box.dataset.expected)) find(box);
    else close(box);
    tell(box);
  };

  const drop = (box, id) => {
    part(box, "people-ids").value = idsOf(box).filter((one) => one !== id).join(",");
    box.querySelector(`[data-chip="${CSS.escape(id)}"]`)?.remove();
    fieldOf(box).focus();
    if (isOpen(box)) find(box);
    tell(box);
  };

  const step = (box, by) => {
    const all = options(box);
    if (!all.length) return;
    const now = all.indexOf(marked(box));
    mark(box, all.at((now + by + all.length) % all.length));
  };

  const press = (event, box) => {
    const { key } = event;
    const by = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (by && isOpen(box)) step(box, by);
    else if (by) find(box);
    else if (key === "Enter" && !event.ctrlKey && !event.metaKey) {
      if (!isOpen(box)) find(box);
      else if (marked(box)) choose(box, marked(box));
    } else if (key === "Escape" && (isOpen(box) || fieldOf(box).value)) {
      fieldOf(box).value = "";
      close(box);
    } else if (key === "Backspace" && !fieldOf(box).value && idsOf(box).length) drop(box, idsOf(box).at(-1));
    else return;
    event.preventDefault();
    event.stopPropagation(); // neither the row nor a dialog takes the key as its own
  };

  // Before rows.js and dialogs hear of it.
  document.addEventListener("keydown", (event) => {
    const box = boxOf(event.target);
    if (box && event.target === fieldOf(box) && !event.isComposing) press(event, box);
  }, true);
  document.addEventListener("input", (event) => {
    const box = boxOf(event.target);
    if (box && event.target === fieldOf(box)) find(box, SOON);
  });
  // The field keeps the keyboard while its list is clicked.
  document.addEventListener("pointerdown", (event) => {
    if (event.target.closest("[data-found]")) event.preventDefault();
  });
  document.addEventListener("mousedown", (event) => {
    if (event.target.closest("[data-found]")) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const box = boxOf(event.target);
    if (!box) return;
    const option = event.target.closest("[role='option']");
    const button = event.target.closest("[data-drop]");
    if (option) choose(box, option);
    else if (button) drop(box, button.dataset.drop);
    else if (event.target === fieldOf(box) && !isOpen(box)) find(box);
  });
  document.addEventListener("focusout", (event) => {
    const box = boxOf(event.target);
    if (box && event.target === fieldOf(box) && !box.contains(event.relatedTarget)) close(box);
    if (!isPressed) settle();
  });

  // The field of a picker that has people is wide while it is used. It stays so until the mouse is up again: rows that
  // move up under a click would make it one on something else.
  let isPressed = false;
  const settle = () => setTimeout(() => {
    for (const box of document.querySelectorAll("[data-people].is-used")) {
      if (!isPressed && document.activeElement !== fieldOf(box)) box.classList.remove("is-used");
    }
  });
  document.addEventListener("focusin", (event) => {
    const box = boxOf(event.target);
    if (box && event.target === fieldOf(box)) box.classList.add("is-used");
  });
  document.addEventListener("pointerdown", () => { isPressed = true; }, true);
  for (const name of ["pointerup", "pointercancel"]) {
    document.addEventListener(name, () => {
      isPressed = false;
      settle();
    }, true);
  }

  document.addEventListener("htmx:afterSwap", (event) => {
    const box = boxOf(event.detail.target);
    if (!box || event.detail.target !== listOf(box)) return;
    if (document.activeElement !== fieldOf(box)) return close(box);
    part(box, "found").hidden = false;
    fieldOf(box).setAttribute("aria-expanded", "true");
    mark(box, options(box)[0]);
    part(box, "found").scrollIntoView({ block: "nearest" });
  });
})();
