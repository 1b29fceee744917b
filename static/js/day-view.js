// The day view: people's hours side by side, and the rows of the form as blocks that can be dragged.
// The form is the truth. A drag writes into its fields, like typing; the server answers with the moments it understood
// (`data-starts-at` beside each row), and the blocks follow those. Zones are the server's business: it says how clocks
// read over the day. The component is given a made-up day on which no clock changes anywhere, counted in minutes
// since the shown day's midnight, so that days of 23 and 25 hours are as long as they are.
(() => {
  const MADE_UP = [2001, 0, 10];
  const MINUTE = 60000;
  // What is dragged goes to quarters of an hour; what is typed keeps its minute.
  const STEP = 15;
  const SLOT = 30;
  const SLOT_HEIGHT = 26;
  const WIDE = "(min-width: 768px)";
  const views = new Map();
  let component = null;

  // The component and its style sheets, fetched once, when a day is first shown.
  const fetched = (node) => new Promise((done, fail) => {
    node.addEventListener("load", done);
    node.addEventListener("error", () => { node.remove(); fail(new Error(node.src ?? node.href)); });
    document.head.append(node);
  });
  const load = (root) => {
    component ??= Promise.all([
      ...root.dataset.sheets.split(" ").map((href) => fetched(Object.assign(document.createElement("link"), { rel: "stylesheet", href }))),
      fetched(Object.assign(document.createElement("script"), { src: root.dataset.script })),
    ]).catch((problem) => { component = null; throw problem; });
    return component;
  };

  const two = (number) => String(number).padStart(2, "0");
  const part = (root, name) => root.querySelector(`[data-day-${name}]`);
  const element = (name, text, more = {}) => Object.assign(document.createElement(name), { textContent: text, ...more });

  // What clocks show at a moment: {date, time, fold, offset}; fold is 0 or 1 where they show it twice.
  const read = (clock, at) => {
    const offsets = clock.offsets.map(([from, minutes]) => [Date.parse(from), minutes]);
    let now = 0;
    while (now + 1 < offsets.length && offsets[now + 1][0] <= at) now += 1;
    const back = (index) => (index > 0 && index < offsets.length ? offsets[index - 1][1] - offsets[index][1] : 0);
    let fold = null;
    if (at - offsets[now][0] < back(now) * MINUTE) fold = 1;
    else if (now + 1 < offsets.length && offsets[now + 1][0] - at <= back(now + 1) * MINUTE) fold = 0;
    const shown = new Date(at + offsets[now][1] * MINUTE).toISOString();
    return { date: shown.slice(0, 10), time: shown.slice(11, 16), fold, offset: offsets[now][1] };
  };

  const words = (clock, at) => {
    const { time, fold, offset } = read(clock, at);
    if (fold === null) return time;
    const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
    const ahead = offset ? `${offset < 0 ? "-" : "+"}${hours}${minutes ? `:${two(minutes)}` : ""}` : "";
    return `${time} (GMT${ahead})`;
  };

  // Between moments and the component's made-up day.
  const toComponent = (view, at) => {
    const minutes = Math.round((at - view.starts) / MINUTE);
    const day = new Date(Date.UTC(...MADE_UP, 0, minutes));
    return day.toISOString().slice(0, 19);
  };
  const toMoment = (view, date) => {
    const minutes = (date.getDate() - MADE_UP[2]) * 1440 + date.getHours() * 60 + date.getMinutes();
    return view.starts + minutes * MINUTE;
  };

  const field = (form, name) => form.elements.namedItem(name);
  const value = (form, name) => field(form, name)?.value ?? "";

  const rowsOf = (root) => [...root.closest("form").querySelectorAll("[data-row]")].map(({ dataset }) => ({
    prefix: dataset.row,
    name: dataset.name,
    people: dataset.people ? dataset.people.split(",") : [],
    starts: dataset.startsAt ? Date.parse(dataset.startsAt) : null,
    ends: dataset.endsAt ? Date.parse(dataset.endsAt) : null,
    conflict: "conflict" in dataset,
  }));

  // Whose day is asked for; when this changes, the data are fetched anew.
  const question = (root, view) => {
    const form = root.closest("form");
    const candidate = root.dataset.candidate || value(form, "candidate");
    const asked = new URLSearchParams({
      entry_zone: root.dataset.entryZone || value(form, "time_zone"),
      zone: view.zone,
      people: [...new Set(rowsOf(root).flatMap((row) => row.people))].join(","),
      candidate,
      interview: root.dataset.interview,
    });
    if (candidate === "new") {
      asked.set("candidate_name", value(form, "new-name"));
      asked.set("candidate_zone", value(form, "new-time_zone"));
    }
    return asked;
  };

  // As htmx asks, so that an ended session is a 401: session.js has somebody sign in, then the day is asked for again.
  const fetchDay = async (address) => {
    const options = { headers: { Accept: "application/json", "HX-Request": "true" } };
    const answer = await fetch(address, options);
    if (answer.status !== 401) return answer;
    const here = await new Promise((done) => document.dispatchEvent(new CustomEvent("sessionOver", { detail: done })));
    return here ? fetch(address, options) : answer;
  };

  const tell = (root, text) => {
    const problem = part(root, "problem");
    problem.textContent = text;
    problem.hidden = !text;
  };

  // `when` says which day: {day} or {at}, a moment; it is kept, so that a question on its way is not forgotten when
  // another follows. The visible part `stays`, or moves to the day's first row.
  const ask = async (root, view, when, stays = false) => {
    view.when = when;
    const asked = question(root, view);
    view.asked = asked.toString();
    for (const [name, text] of Object.entries(when)) asked.set(name, text);
    const turn = (view.turn += 1);
    try {
      const [answer] = await Promise.all([
        fetchDay(`${root.dataset.address}?${asked}`),
        load(root),
      ]);
      const json = (answer.headers.get("Content-Type") ?? "").includes("json");
      if (turn !== view.turn) return;
      if (!json) throw new Error(String(answer.status));
      const data = await answer.json();
      if (turn !== view.turn) return;
      tell(root, data.problem ?? "");
      if (data.problem) return;
      view.stays = stays;
      // Nothing is drawn anew under somebody's hand.
      if (view.held) view.late = data;
      else show(root, view, data);
    } catch {
      if (turn === view.turn) tell(root, root.dataset.failed);
    }
  };

  const show = (root, view, data) => {
    view.data = data;
    view.when = { day: data.day };
    view.starts = Date.parse(data.starts_at);
    view.ends = Date.parse(data.ends_at);
    Object.assign(part(root, "heading"), { textContent: data.heading, hidden: false });
    const select = part(root, "zone");
    select.replaceChildren(...data.zones.map((zone) => new Option(zone.label, zone.name)));
    select.value = data.clock.zone;
    draw(root, view);
  };

  const span = (view, from, until) => `${words(view.data.clock, from)}–${words(view.data.clock, until)}`;

  // The same in words, for screen readers.
  const spell = (root, view) => {
    const rows = shownRows(root, view);
    part(root, "words").replaceChildren(...view.data.columns.map(({ key, name, hours, blocks }) => {
      const taken = blocks.filter((block) => block.kind !== "away").map((block) => block.label);
      const planned = rows.filter((row) => row.columns.includes(key)).map((row) => `${row.name} ${span(view, row.starts, row.ends)}`);
      return element("li", `${name}: ${[hours, ...taken, ...planned].join("; ")}`);
    }));
  };

  const content = (view, event) => {
    const { label, row, conflict } = event.extendedProps;
    if (!row) return { domNodes: [element("span", label, { className: "day-view-words" })] };
    const times = span(view, toMoment(view, event.start), toMoment(view, event.end));
    return { domNodes: [element("strong", event.title), element("span", conflict ? `⚠ ${conflict} · ${times}` : times)] };
  };

  // The rows of this day, each with the columns in which it stands.
  const shownRows = (root, view) => {
    const known = view.data.columns.map((column) => column.key);
    return rowsOf(root)
      .filter((row) => row.starts !== null && row.starts < view.ends && row.ends > view.starts)
      .map((row) => ({ ...row, columns: ["candidate", ...row.people.filter((person) => known.includes(person))] }));
  };

  const eventsOf = (root, view) => {
    const clip = (at) => toComponent(view, Math.min(Math.max(at, view.starts), view.ends));
    const blocks = view.data.columns.flatMap((column) => column.blocks.map((block, index) => ({
      id: `${column.key}-${index}`,
      resourceIds: [column.key],
      start: clip(Date.parse(block.starts_at)),
      end: clip(Date.parse(block.ends_at)),
      display: block.kind === "busy" ? "auto" : "background",
      editable: false,
      classNames: [`day-view-${block.kind}`],
      extendedProps: { label: block.label },
    })));
    return blocks.concat(shownRows(root, view).map((row) => ({
      id: row.prefix,
      title: row.name,
      resourceIds: row.columns,
      start: toComponent(view, row.starts),
      end: toComponent(view, row.ends),
      editable: true,
      classNames: row.conflict ? ["day-view-row", "day-view-conflict"] : ["day-view-row"],
      extendedProps: { row: row.prefix, conflict: row.conflict ? root.dataset.conflict : "" },
    })));
  };

  const label = ({ resource }) => {
    const { role, hours } = resource.extendedProps;
    return { domNodes: [element("strong", resource.title), element("span", role), element("span", hours)] };
  };

  // The minute at which the visible part begins: where it was, or an hour before the day's first row.
  const scrolledTo = (root, view) => {
    const main = root.querySelector(".ec-main");
    if (main && view.stays) return Math.max(main.scrollTop / SLOT_HEIGHT + 0.5, 0) * SLOT;
    const shown = rowsOf(root).map((row) => row.starts).filter((at) => at >= view.starts && at < view.ends && at !== null);
    return shown.length ? Math.max((Math.min(...shown) - view.starts) / MINUTE - 60, 0) : 7 * 60;
  };

  const draw = (root, view) => {
    const scroll = Math.round(scrolledTo(root, view));
    const minutes = (view.ends - view.starts) / MINUTE;
    // The component labels its hours in turn, with dates of today, which has nothing to do with the day that is shown.
    const hoursShown = Math.ceil(minutes / 60);
    let hour = 0;
    if (view.calendar) EventCalendar.destroy(view.calendar);
    const sameColumns = ({ event, oldEvent }) => String([...event.resourceIds].sort()) === String([...oldEvent.resourceIds].sort());
    view.calendar = EventCalendar.create(part(root, "calendar"), {
      view: "resourceTimeGridDay",
      // As text: a Date would be read with the offset that the browser's zone has today, and could be the day before.
      date: toComponent(view, view.starts),
      headerToolbar: { start: "", center: "", end: "" },
      allDaySlot: false,
      slotDuration: { minutes: SLOT },
      slotLabelInterval: { minutes: 2 * SLOT },
      slotMinTime: "00:00",
      slotMaxTime: { minutes },
      slotHeight: SLOT_HEIGHT,
      snapDuration: { minutes: STEP },
      scrollTime: { minutes: scroll },
      columnWidth: "minmax(7.5rem, 1fr)",
      slotEventOverlap: false,
      eventLongPressDelay: 300,
      locale: document.documentElement.lang,
      slotLabelFormat: () => words(view.data.clock, view.starts + (hour++ % hoursShown) * 60 * MINUTE),
      resources: view.data.columns.map(({ key, name, role, hours }) => ({ id: key, title: name, extendedProps: { role, hours } })),
      resourceLabelContent: label,
      events: eventsOf(root, view),
      eventContent: ({ event }) => content(view, event),
      dragConstraint: sameColumns,
      eventDragStart: () => hold(root, view),
      eventDragStop: () => release(root, view),
      eventResizeStart: () => hold(root, view),
      eventResizeStop: () => release(root, view),
      eventDrop: ({ event }) => write(root, view, event.extendedProps.row, { starts: toMoment(view, event.start) }),
      eventResize: ({ event }) => write(root, view, event.extendedProps.row, { ends: toMoment(view, event.end) }),
    });
    describe(root);
    spell(root, view);
  };

  // The component calls itself a table, which it is not: it is one picture that scrolls, and "Show as text" tells it.
  const describe = (root) => {
    const main = root.querySelector(".ec-main");
    main.parentElement.removeAttribute("role");
    for (const child of main.children) child.setAttribute("aria-hidden", "true");
    const names = { role: "group", tabindex: "0", "aria-labelledby": "day-view-title", "aria-describedby": "day-view-help" };
    for (const [name, text] of Object.entries(names)) main.setAttribute(name, text);
  };

  // The form around it waits as well (redraw.js): rows that move up would take the block's place.
  const hold = (root, view) => {
    view.held = true;
    root.dataset.held = "";
  };

  // After the component has told where the block was dropped.
  const release = (root, view) => {
    view.held = false;
    delete root.dataset.held;
    setTimeout(() => {
      const data = view.late;
      view.late = null;
      if (data) show(root, view, data);
      else look();
    });
  };

  // Writes a block that was dragged, or whose end was, into its row's fields, as if it had been typed.
  const write = (root, view, prefix, { starts, ends }) => {
    const form = root.closest("form");
    const row = rowsOf(root).find((one) => one.prefix === prefix);
    const snapped = (moment) => Math.round(moment / (STEP * MINUTE)) * STEP * MINUTE;
    const at = starts === undefined ? row.starts : snapped(starts);
    const long = ends === undefined
      ? (row.ends - row.starts) / MINUTE
      : Math.min(Math.max((snapped(ends) - row.starts) / MINUTE, STEP), 600);
    const { date, time, fold } = read(view.data.entry_clock, at);
    field(form, `${prefix}-date`).value = date;
    field(form, `${prefix}-time`).value = time;
    field(form, `${prefix}-minutes`).value = String(long);
    // Until the server answers, which it does in a moment with the same or with better.
    const beside = form.querySelector(`[data-row="${prefix}"]`);
    beside.dataset.startsAt = new Date(at).toISOString();
    beside.dataset.endsAt = new Date(at + long * MINUTE).toISOString();
    for (const old of form.querySelectorAll(`[name="${prefix}-fold"]`)) old.remove();
    if (fold !== null) {
      // Goes with this very request; the answer shows the choice of the two.
      beside.append(Object.assign(document.createElement("input"), { type: "hidden", name: `${prefix}-fold`, value: fold }));
    }
    field(form, `${prefix}-time`).dispatchEvent(new Event("change", { bubbles: true }));
  };

  // After the form changed: other people mean other data; a row that was typed away takes the view along.
  const follow = (root, view) => {
    const rows = rowsOf(root);
    if (part(root, "body").hidden || view.held) return;
    const moved = rows.find((row) => row.starts !== null && row.starts !== view.known.get(row.prefix));
    view.known = new Map(rows.map((row) => [row.prefix, row.starts]));
    if (!view.data) {
      const first = rows.map((row) => row.starts).filter((at) => at !== null).sort((a, b) => a - b)[0];
      ask(root, view, first ? { at: new Date(first).toISOString() } : {});
    } else if (moved && (moved.starts < view.starts || moved.starts >= view.ends)) {
      ask(root, view, { at: new Date(moved.starts).toISOString() });
    } else if (question(root, view).toString() !== view.asked) {
      ask(root, view, view.when, "day" in view.when);
    } else {
      view.calendar?.setOption("events", eventsOf(root, view));
      spell(root, view);
    }
  };

  const open = (root, view, shown) => {
    part(root, "body").hidden = !shown;
    part(root, "toggle").setAttribute("aria-expanded", String(shown));
    part(root, "show").hidden = shown;
    part(root, "hide").hidden = !shown;
    if (shown) follow(root, view);
  };

  const begin = (root) => {
    const view = {
      data: null, late: null, calendar: null, held: false, stays: false,
      zone: "", when: {}, asked: "", turn: 0, known: new Map(), starts: 0, ends: 0,
    };
    views.set(root, view);
    root.hidden = false;
    part(root, "toggle").addEventListener("click", () => open(root, view, part(root, "body").hidden));
    part(root, "zone").addEventListener("change", (event) => {
      view.zone = event.target.value;
      ask(root, view, view.when);
    });
    for (const button of root.querySelectorAll("[data-day-step]")) {
      button.addEventListener("click", () => {
        const next = view.data?.[button.dataset.dayStep];
        ask(root, view, next ? { day: next } : {}, true);
      });
    }
    open(root, view, matchMedia(WIDE).matches);
  };

  let waiting = 0;
  const look = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      for (const [root, view] of views) {
        if (root.isConnected) continue;
        if (view.calendar) EventCalendar.destroy(view.calendar);
        views.delete(root);
      }
      for (const root of document.querySelectorAll("[data-day-view]")) {
        if (views.has(root)) follow(root, views.get(root));
        else begin(root);
      }
    });
  };

  for (const name of ["DOMContentLoaded", "htmx:load", "htmx:oobAfterSwap", "htmx:afterSettle"]) {
    document.addEventListener(name, look);
  }
})();
