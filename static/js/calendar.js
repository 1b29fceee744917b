// The calendar: draws what the page carries (`#calendar-data`) as a grid. A day of few people, and the week of one,
// have their hours from top to bottom; a day of many has a line for each person; a week of many a cell for each day.
// On a phone, and without scripts, the list says the same. What is dragged is not moved yet: the drop opens the dialog
// that moves an interview, with the new time in it; when that closes without a change, the block goes back.
(() => {
  const WIDE = "(min-width: 768px)";
  const COLUMNS = 7; // as many people fit side by side
  const [OPENS, ENDS] = [8 * 60, 18 * 60]; // shown in any case, where hours go across
  const DAY = 1440;
  let shown = null; // {root, data, ...} of what is drawn
  let last = ""; // the id of the block whose card or dialog is open

  const grid = () => shown.root.querySelector("[data-calendar-grid]");
  const make = (...given) => TimeGrid.make(...given);
  const icon = (name) => shown.root.querySelector(`[data-calendar-icon="${name}"]`)?.content.cloneNode(true) ?? "";
  const bdi = (text) => make("bdi", "", text);
  const minuteOf = (day, at) => Clocks.minuteOf(shown.data.clock, day, at);
  const times = (one) => `${Clocks.words(shown.data.clock, one.starts)}–${Clocks.words(shown.data.clock, one.ends)}`;
  // Within one day: what began before, or goes on after it, reads as from or until midnight.
  const timesOn = (one, day) => {
    const words = (at) => Clocks.words(shown.data.clock, at);
    const from = minuteOf(day, one.starts) < 0 ? "00:00" : words(one.starts);
    return `${from}–${minuteOf(day, one.ends) >= DAY ? "24:00" : words(one.ends)}`;
  };
  const isOn = (one, day) => minuteOf(day, one.starts) < DAY && minuteOf(day, one.ends) > 0;

  const read = (root) => {
    const data = JSON.parse(root.querySelector("#calendar-data").textContent);
    for (const one of [...data.interviews, ...data.busy]) Object.assign(one, { starts: Date.parse(one.starts_at), ends: Date.parse(one.ends_at) });
    const byRow = new Map(data.rows.map((row) => [row.key, { interviews: [], busy: [] }]));
    for (const one of data.interviews) for (const row of one.rows) byRow.get(row)?.interviews.push(one);
    for (const one of data.busy) byRow.get(one.row)?.busy.push(one);
    const isFree = (day) => day.is_weekend && !data.days.some(({ is_today: today, day: at }) => today && at === day.day)
      && ![...data.interviews, ...data.busy].some((one) => minuteOf(day.day, one.starts) < DAY && minuteOf(day.day, one.ends) > 0);
    shown = { root, data, byRow };
    shown.days = data.scope === "day" ? data.days : data.days.filter((day) => !isFree(day));
  };

  // One interview -----------------------------------------------------------------------------------------------------
  const isByPeople = () => shown.data.by === "people";
  const titleOf = (one) => (isByPeople() ? one.candidate : one.name);
  const underOf = (one) => (isByPeople() ? one.name : one.people.join(", "));
  // For screen readers: what the block has no room for.
  const more = (one, isTimed) => {
    const people = isByPeople() ? one.people.join(", ") : one.candidate;
    return make("span", "visually-hidden", [isTimed ? "" : times(one), people, one.link?.word, ...one.problems].filter(Boolean).join(", "));
  };

  const signs = (one) => {
    const box = make("span", "calendar-signs");
    if (one.link) box.append(make("span", `text-${one.link.tone}`, icon(one.link.icon)));
    if (one.problems.length) box.append(make("span", "text-danger", icon("alert-triangle")));
    return box;
  };
  const classes = (one) => ["calendar-event", one.problems.length && "calendar-problem", one.is_over && "calendar-over"].filter(Boolean).join(" ");

  // Half an hour has room for one line, three quarters for two.
  const sizeOf = (one) => {
    const minutes = (one.ends - one.starts) / Clocks.MINUTE;
    return minutes < 45 ? "calendar-short" : minutes < 60 ? "calendar-middle" : "";
  };
  const busyClass = (one) => (one.is_soft ? "calendar-busy calendar-soft" : "calendar-busy");
  const busyWord = (one) => (one.is_soft ? shown.root.dataset.softWord : shown.root.dataset.busyWord);
  const idOf = (one, key) => `interview-${one.id}-${key}`;

  const blocksOf = (row, day) => {
    const { interviews, busy } = shown.byRow.get(row.key);
    const clip = (one) => ({ from: minuteOf(day, one.starts), until: minuteOf(day, one.ends) });
    const taken = busy.filter((one) => isOn(one, day)).map((one, index) => ({
      ...clip(one), id: `busy-${index}`, className: busyClass(one), nodes: [make("span", "", `${busyWord(one)} ${timesOn(one, day)} `, bdi(one.title))], title: one.title, isPlain: true,
    }));
    const planned = interviews.filter((one) => isOn(one, day)).map((one) => {
      const clock = make("span", "", times(one));
      clock.dataset.times = "";
      return {
        ...clip(one), id: String(one.id), nodeId: idOf(one, row.key), className: `${classes(one)} ${sizeOf(one)}`, title: one.problems.join(" "),
        nodes: [signs(one), make("strong", "", bdi(titleOf(one))), make("span", "", bdi(underOf(one))), clock, more(one, true)], drag: one.can_move,
      };
    });
    return [...taken, ...planned];
  };
  const shadesOf = (row, index, day) => (row.days[index]?.away ?? []).filter(([kind]) => kind !== "busy").map(([kind, from, until, text]) => ({
    from: minuteOf(day, Date.parse(from)), until: minuteOf(day, Date.parse(until)), className: `calendar-${kind}`, text: kind === "off" ? text : "",
  }));
  const nowOn = (day) => (day.is_today ? minuteOf(day.day, Date.now()) : null);

  // The three ways to draw --------------------------------------------------------------------------------------------
  const headOf = (row) => {
    const [hours] = row.days;
    const head = [make("strong", "", bdi(row.name))];
    if (row.key !== "nobody") head.push(make("span", hours?.is_off ? "text-danger" : "", bdi(hours?.hours ?? row.place)));
    return [...head, ...unknownOf(row)];
  };
  const unknownOf = (row) => {
    if (!row.unknown) return [];
    const note = make("span", "calendar-unknown", shown.root.dataset.unknownWord);
    note.title = row.unknown;
    return [note];
  };
  const hourTicks = () => Array.from({ length: 24 }, (_, hour) => [hour * 60, `${String(hour).padStart(2, "0")}:00`]);

  const drawHours = (axis) => {
    const { data, days } = shown;
    const isWeek = days.length > 1;
    const lanes = isWeek
      ? days.map((day) => ({ row: data.rows[0], day, index: data.days.indexOf(day), key: day.day, head: [dayLink(day)], label: day.label }))
      : data.rows.map((row) => ({ row, day: days[0], index: 0, key: row.key, head: headOf(row), label: row.name }));
    for (const lane of lanes) Object.assign(lane, { blocks: blocksOf(lane.row, lane.day.day), shades: shadesOf(lane.row, lane.index, lane.day.day), now: nowOn(lane.day), className: "calendar-lane" });
    const blocks = lanes.flatMap((lane) => lane.blocks);
    const across = axis === "across";
    const dayOf = (key) => (isWeek ? key : days[0].day);
    TimeGrid.draw(grid(), {
      axis, lanes, ticks: hourTicks(), tag: "button", crosses: isWeek,
      from: across ? Math.floor(Math.min(OPENS, ...blocks.map((block) => Math.max(block.from, 0))) / 60) * 60 : 0,
      until: across ? Math.ceil(Math.max(ENDS, ...blocks.map((block) => Math.min(block.until, DAY))) / 60) * 60 : DAY,
      words: (key, from, until) => `${clockOf(dayOf(key), from)}–${clockOf(dayOf(key), until)}`,
      onMove: ({ id, lane, from }) => move(id, dayOf(lane), from),
      onHold: () => { shown.isHeld = true; },
      onRelease: () => { shown.isHeld = false; },
    });
    if (!shown.isScrolled) TimeGrid.scrollTo(grid(), Math.max(Math.min(OPENS, ...blocks.filter((block) => !block.isPlain).map((block) => block.from)) - 15, 0));
    shown.isScrolled = true;
  };
  const clockOf = (day, minute) => Clocks.words(shown.data.clock, Clocks.momentOf(shown.data.clock, day, minute));

  const dayLink = (day) => {
    const link = make("a", day.is_today ? "calendar-day calendar-is-today" : "calendar-day", day.label);
    link.href = day.address;
    return link;
  };

  const chip = (one, row) => {
    const node = make("button", `calendar-chip ${classes(one)}`,
      make("span", "calendar-chip-line", make("time", "", Clocks.words(shown.data.clock, one.starts)), make("strong", "", bdi(titleOf(one))), signs(one)),
      make("span", "calendar-chip-under", bdi(underOf(one))), more(one, false));
    Object.assign(node, { type: "button", id: idOf(one, row.key), title: one.problems.join(" ") });
    node.dataset.block = one.id;
    if (one.can_move) node.dataset.drag = "";
    return node;
  };

  const cell = (row, day, index) => {
    const { interviews, busy } = shown.byRow.get(row.key);
    const hours = row.days[index];
    const node = make("div", "calendar-cell");
    node.dataset.day = day.day;
    if (day.is_today) node.classList.add("calendar-is-today");
    if (hours?.is_off) node.append(make("span", "calendar-cell-off", hours.hours));
    else if (hours && !hours.is_there) node.classList.add("calendar-cell-away");
    const taken = busy.map((one) => ({ one, draw: () => make("span", `calendar-chip ${busyClass(one)}`, `${timesOn(one, day.day)} ${busyWord(one)} `, bdi(one.title)) }));
    const planned = interviews.map((one) => ({ one, draw: () => chip(one, row) }));
    const there = [...taken, ...planned].filter(({ one }) => isOn(one, day.day)).sort((a, b) => a.one.starts - b.one.starts);
    node.append(...there.map((each) => each.draw()));
    return node;
  };

  const drawWeek = () => {
    const { data, days } = shown;
    const box = grid();
    box.classList.add("calendar-week");
    box.style.setProperty("--days", days.length);
    const heads = days.map((day) => make("div", "calendar-week-head", dayLink(day)));
    const rows = data.rows.map((row) => {
      const group = make("div", "calendar-week-row", make("div", "calendar-week-name", make("strong", "", bdi(row.name)), make("span", "", row.key === "nobody" ? "" : row.place), ...unknownOf(row)),
        ...days.map((day) => cell(row, day, data.days.indexOf(day))));
      group.setAttribute("role", "group");
      group.setAttribute("aria-label", row.name);
      return group;
    });
    box.replaceChildren(make("div", "calendar-week-row calendar-week-heads", make("div", "calendar-week-name"), ...heads), ...rows);
  };

  const draw = () => {
    const { root, data, days } = shown;
    const box = grid();
    const isList = data.scope === "list" || !matchMedia(WIDE).matches || !data.rows.length;
    box.hidden = isList;
    root.querySelector("[data-calendar-list]").toggleAttribute("data-shown", isList);
    if (isList) return;
    const isOfOne = days.length > 1 && data.rows.length === 1;
    root.querySelector("[data-calendar-who]").replaceChildren(...(isOfOne ? [bdi(data.rows[0].name), " ", ...unknownOf(data.rows[0])] : []));
    if (days.length > 1 && !isOfOne) drawWeek();
    else drawHours(data.scope === "day" && data.rows.length > COLUMNS ? "across" : "down");
  };

  // Moving ------------------------------------------------------------------------------------------------------------
  // The dialog has the fields of the schedule's own zone, and shows what speaks against the time.
  const move = (id, day, minute) => {
    const one = shown.data.interviews.find((other) => String(other.id) === String(id));
    const at = Clocks.momentOf(shown.data.clock, day, minute);
    if (at === one.starts) return draw();
    Object.assign(one, { ends: at + one.ends - one.starts, starts: at });
    shown.isMoved = true;
    draw();
    const { date, time, fold } = Clocks.read(shown.data.clocks[one.zone], at);
    const values = { part: "dialog", version: one.version, "rows-0-date": date, "rows-0-time": time, "rows-0-fold": fold ?? "" };
    last = shown.root.querySelector(`[data-block="${one.id}"]`)?.id ?? "";
    htmx.ajax("POST", shown.root.dataset.time.replace("/0/", `/${one.id}/`), { source: document.body, target: "#dialog-content", swap: "innerHTML", values })
      .catch(putBack);
  };
  const putBack = () => {
    if (!shown?.isMoved || !shown.root.isConnected) return;
    read(shown.root);
    shown.isScrolled = true;
    draw();
  };
  document.addEventListener("hidden.bs.modal", (event) => {
    if (event.target.id !== "dialog") return;
    putBack();
    focusLast();
  });
  document.addEventListener("htmx:responseError", putBack);

  // In a week of many, a chip is dragged to another day, and keeps its time.
  let chipHeld = null;
  document.addEventListener("pointerdown", (event) => {
    const node = event.target.closest(".calendar-chip[data-drag]");
    if (!node || event.button || event.pointerType === "touch") return;
    chipHeld = { node, x: event.clientX, y: event.clientY, isLifted: false, cell: null };
  });
  document.addEventListener("pointermove", (event) => {
    if (!chipHeld) return;
    const [right, below] = [event.clientX - chipHeld.x, event.clientY - chipHeld.y];
    if (!chipHeld.isLifted && Math.hypot(right, below) < 5) return;
    chipHeld.isLifted = true;
    chipHeld.node.classList.add("calendar-held");
    chipHeld.node.style.transform = `translate(${right}px, ${below}px)`;
    const over = document.elementsFromPoint(event.clientX, event.clientY).find((one) => one.matches(".calendar-cell"));
    if (over === chipHeld.cell) return;
    chipHeld.cell?.classList.remove("calendar-cell-target");
    chipHeld.cell = over;
    over?.classList.add("calendar-cell-target");
  });
  const drop = (isKept) => {
    const { node, cell: over, isLifted } = chipHeld;
    chipHeld = null;
    if (!isLifted) return;
    const from = node.closest(".calendar-cell").dataset.day;
    const one = shown.data.interviews.find((other) => String(other.id) === node.dataset.block);
    shown.droppedAt = performance.now();
    if (isKept && over && over.dataset.day !== from) move(one.id, over.dataset.day, minuteOf(from, one.starts));
    else draw();
  };
  document.addEventListener("pointerup", () => chipHeld && drop(true));
  document.addEventListener("pointercancel", () => chipHeld && drop(false));
  document.addEventListener("keydown", (event) => event.key === "Escape" && chipHeld?.isLifted && drop(false));

  // The card of an interview -------------------------------------------------------------------------------------------
  const card = () => document.getElementById("calendar-card");
  const focusLast = () => {
    if (document.activeElement === document.body || !document.activeElement?.checkVisibility()) document.getElementById(last)?.focus();
  };
  const place = (node) => {
    const at = node.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = card();
    const fits = (left) => left >= 8 && left + width <= innerWidth - 8;
    const left = [at.right + 8, at.left - width - 8, Math.min(Math.max(at.left, 8), innerWidth - width - 8)].find(fits) ?? 8;
    card().style.left = `${left}px`;
    card().style.top = `${Math.max(Math.min(at.top, innerHeight - height - 8), 8)}px`;
  };
  const openCard = async (node) => {
    const address = shown.root.dataset.card.replace("/0/", `/${node.dataset.block}/`);
    last = node.id;
    await htmx.ajax("GET", address, { source: card(), target: card(), swap: "innerHTML" }).catch(() => {});
    if (!card().childElementCount) return;
    card().showPopover();
    const there = document.getElementById(last);
    if (there) place(there);
    card().querySelector("a, button")?.focus();
  };
  document.addEventListener("click", (event) => {
    const node = event.target.closest("[data-calendar-grid] [data-block][id]");
    if (node && !(performance.now() - shown.droppedAt < 300)) openCard(node);
    if (event.target.closest("[data-card-closes]")) card().hidePopover();
  });
  document.addEventListener("toggle", (event) => {
    if (event.target === card() && event.newState === "closed") focusLast();
  }, true);

  // -------------------------------------------------------------------------------------------------------------------
  const begin = () => {
    const root = document.querySelector("[data-calendar]");
    if (!root || root === shown?.root) return;
    const kept = shown && shown.data.scope;
    const scroll = shown?.root.scrolled ?? null;
    read(root);
    draw();
    if (scroll && kept === shown.data.scope) Object.assign(grid(), scroll);
    if (last && document.activeElement === document.body) document.getElementById(last)?.focus({ preventScroll: true });
  };
  document.addEventListener("htmx:beforeSwap", () => {
    if (shown?.root.isConnected) shown.root.scrolled = { scrollTop: grid().scrollTop, scrollLeft: grid().scrollLeft };
  });
  document.addEventListener("DOMContentLoaded", begin);
  document.addEventListener("htmx:load", begin);
  matchMedia(WIDE).addEventListener("change", () => shown && draw());
  // The line of now goes on.
  setInterval(() => shown?.root.isConnected && !shown.isHeld && !chipHeld && !shown.isMoved && shown.data.days.some((day) => day.is_today) && grid().querySelector(".tg-now") && draw(), 60000);
})();
