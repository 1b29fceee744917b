// The day view: people's hours side by side, and the rows of the form as blocks that can be dragged; or their week.
// The form is the truth. A drag, or a press on a free place, writes into its fields, like typing; the server answers
// with the moments it understood (`data-starts-at` beside each row), and the blocks follow those. A day is drawn from
// its midnight on as long as it is, 23 or 25 hours too; a week by what clocks show, so that its days have the same hours.
(() => {
  const STEP = 15;
  const DAY = 1440;
  const WIDE = "(min-width: 768px)";
  const views = new Map();
  let component = null;

  // The scripts and style sheets, fetched once, when a day is first shown.
  const fetched = (node) => new Promise((done, fail) => {
    node.addEventListener("load", done);
    node.addEventListener("error", () => { node.remove(); fail(new Error(node.src ?? node.href)); });
    document.head.append(node);
  });
  const load = (root) => {
    component ??= Promise.all([
      ...root.dataset.sheets.split(" ").map((href) => fetched(Object.assign(document.createElement("link"), { rel: "stylesheet", href }))),
      ...root.dataset.scripts.split(" ").map((src) => fetched(Object.assign(document.createElement("script"), { src, async: false }))),
    ]).catch((problem) => { component = null; throw problem; });
    return component;
  };

  const part = (root, name) => root.querySelector(`[data-day-${name}]`);
  const field = (form, name) => form.elements.namedItem(name);
  const value = (form, name) => field(form, name)?.value ?? "";
  const element = (name, text) => Object.assign(document.createElement(name), { textContent: text });

  const rowsOf = (root) => [...root.closest("form").querySelectorAll("[data-row]")].map(({ dataset }, index) => ({
    prefix: dataset.row,
    name: dataset.name || root.dataset.unnamed,
    people: dataset.people ? dataset.people.split(",") : [],
    plan: dataset.plan ?? "",
    starts: dataset.startsAt ? Date.parse(dataset.startsAt) : null,
    ends: dataset.endsAt ? Date.parse(dataset.endsAt) : null,
    conflict: "conflict" in dataset,
    hue: index % 6,
  }));

  // The row that somebody works on; else the first without a time.
  const chosenRow = (root, view) => {
    const rows = rowsOf(root);
    return rows.find((row) => row.prefix === view.selected) ?? rows.find((row) => row.starts === null) ?? (rows.length === 1 ? rows[0] : null);
  };

  // Whose day is asked for; when this changes, the data are fetched anew.
  const question = (root, view) => {
    const form = root.closest("form");
    const candidate = root.dataset.candidate || value(form, "candidate");
    const asked = new URLSearchParams({
      scope: view.scope,
      entry_zone: root.dataset.entryZone || value(form, "time_zone"),
      zone: view.zone,
      people: [...new Set(rowsOf(root).flatMap((row) => row.people))].join(","),
      candidate,
      plan: chosenRow(root, view)?.plan ?? "",
      interview: root.dataset.interview,
    });
    if (root.dataset.schedule) asked.set("schedule", root.dataset.schedule);
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
      const [answer] = await Promise.all([fetchDay(`${root.dataset.address}?${asked}`), load(root)]);
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
    const days = data.days.length ? data.days : [data];
    view.days = days.map((day) => ({ ...day, starts: Date.parse(day.starts_at), ends: Date.parse(day.ends_at) }));
    view.starts = view.days[0].starts;
    view.ends = view.days.at(-1).ends;
    Object.assign(part(root, "heading"), { textContent: data.heading, hidden: false });
    part(root, "who").hidden = view.days.length === 1;
    const select = part(root, "zone");
    select.replaceChildren(...data.zones.map((zone) => new Option(zone.label, zone.name)));
    select.value = data.clock.zone;
    part(root, "zone-words").textContent = data.zones.find((zone) => zone.name === data.clock.zone).text;
    for (const button of root.querySelectorAll("[data-day-scope]")) button.setAttribute("aria-pressed", String(button.dataset.dayScope === view.scope));
    draw(root, view);
    if (!view.stays) TimeGrid.scrollTo(part(root, "calendar"), firstMinute(root, view));
  };

  const words = (view, at) => Clocks.words(view.data.clock, at);
  const span = (view, from, until) => `${words(view, from)}–${words(view, until)}`;

  // Between moments and the minutes of a day: those that have passed since its midnight, or, in a week, on the clock.
  const minuteOf = (view, day, at) => (view.days.length > 1 ? Clocks.minuteOf(view.data.clock, day.day, at) : (at - day.starts) / Clocks.MINUTE);
  const momentOf = (view, day, minute) => (view.days.length > 1 ? Clocks.momentOf(view.data.clock, day.day, minute) : day.starts + minute * Clocks.MINUTE);
  const touches = (day, { starts, ends }) => starts !== null && starts < day.ends && ends > day.starts;

  // Of the people that the rows name: those with something to do on the day, or in the row that somebody works on.
  const columnsOf = (root, view, day) => {
    const chosen = chosenRow(root, view);
    const rows = view.days.length > 1 ? [chosen].filter(Boolean) : rowsOf(root).filter((row) => row.prefix === chosen?.prefix || touches(day, row));
    const wanted = new Set(rows.flatMap((row) => row.people));
    return day.columns.filter((column) => column.key === "candidate" || !rows.length || wanted.has(column.key));
  };
  const shownDays = (root, view) => {
    const isFree = (day) => [0, 6].includes(new Date(`${day.day}T00:00Z`).getUTCDay());
    const isUsed = (day) => day.day === view.data.day || rowsOf(root).some((row) => touches(day, row));
    return view.days.some((day) => isFree(day) && isUsed(day)) ? view.days : view.days.filter((day) => !isFree(day) || view.days.length === 1);
  };

  // The same in words, for screen readers.
  const spell = (root, view) => {
    const list = shownDays(root, view).flatMap((day) => columnsOf(root, view, day).map(({ key, name, hours, unknown, blocks }) => {
      const taken = blocks.filter((block) => block.kind !== "away" && block.kind !== "buffer").map((block) => block.label);
      const theirs = rowsOf(root).filter((row) => touches(day, row) && (key === "candidate" || row.people.includes(key)));
      const planned = theirs.map((row) => `${row.name} ${span(view, row.starts, row.ends)}`);
      const who = view.days.length > 1 ? `${day.label}, ${name}` : name;
      return element("li", `${who}: ${[hours, unknown, ...taken, ...planned].filter(Boolean).join("; ")}`);
    }));
    part(root, "words").replaceChildren(...list);
  };

  const rowBlock = (root, view, day, row) => {
    const title = TimeGrid.make("strong", "", row.name);
    if (row.conflict) title.prepend(part(root, "warning").content.cloneNode(true));
    const times = element("span", span(view, row.starts, row.ends));
    times.dataset.times = "";
    const classes = ["day-view-row", `day-view-hue-${row.hue}`];
    if (row.conflict) classes.push("day-view-conflict");
    if (row.prefix === chosenRow(root, view)?.prefix) classes.push("day-view-chosen");
    return {
      id: row.prefix,
      from: minuteOf(view, day, row.starts),
      until: minuteOf(view, day, row.ends),
      nodes: [title, times],
      className: classes.join(" "),
      title: row.conflict ? `${root.dataset.conflict}: ${row.name}` : row.name,
      drag: true,
      resize: view.days.length === 1,
    };
  };

  // Where the interview that somebody works on may not be, by the hours of its plan.
  const outside = (view, day) => view.data.outside.map(([starts, ends]) => ({
    from: minuteOf(view, day, Math.max(Date.parse(starts), day.starts)),
    until: minuteOf(view, day, Math.min(Date.parse(ends), day.ends)),
    className: "day-view-outside",
  })).filter(({ from, until }) => from < until);

  const lane = (root, view, day, columns, rows, head) => {
    const blocks = columns.flatMap((column) => column.blocks.map((block, index) => ({
      ...block,
      id: `${column.key}-${index}`,
      from: minuteOf(view, day, Date.parse(block.starts_at)),
      until: minuteOf(view, day, Date.parse(block.ends_at)),
      className: block.kind === "soft" ? "day-view-busy day-view-soft" : "day-view-busy",
      nodes: [element("span", view.days.length > 1 ? column.short_name : block.label)],
      title: view.days.length > 1 ? `${column.name}: ${block.label}` : block.label,
    })));
    const isBusy = (block) => block.kind === "busy" || block.kind === "soft";
    return {
      head,
      className: "day-view-lane",
      shades: [...outside(view, day), ...blocks.filter((block) => !isBusy(block)).map((block) => ({ ...block, className: `day-view-${block.kind}`, text: block.kind === "off" ? block.label : "" }))],
      blocks: [...blocks.filter(isBusy), ...rows.map((row) => rowBlock(root, view, day, row))],
    };
  };

  const headOf = (column) => {
    const name = Object.assign(element("strong", column.short_name), { title: column.name });
    const hours = Object.assign(element("span", column.short_hours), { className: column.is_off ? "day-view-is-off" : "" });
    const unknown = Object.assign(element("span", column.short_unknown), { className: "day-view-unknown", title: column.unknown });
    return [name, hours, ...(column.unknown ? [unknown] : []), element("span", column.load)];
  };

  const lanesOf = (root, view) => {
    const rows = rowsOf(root);
    if (view.days.length > 1) {
      return shownDays(root, view).map((day) => ({
        ...lane(root, view, day, columnsOf(root, view, day), rows.filter((row) => touches(day, row)), [element("strong", day.label)]),
        key: day.day,
      }));
    }
    const [day] = view.days;
    return columnsOf(root, view, day).map((column) => {
      const theirs = rows.filter((row) => touches(day, row) && (column.key === "candidate" || row.people.includes(column.key)));
      return { ...lane(root, view, day, [column], theirs, headOf(column)), key: column.key };
    });
  };

  const dayOf = (view, key) => view.days.find((day) => day.day === key) ?? view.days[0];

  const ticksOf = (view) => {
    if (view.days.length > 1) return Array.from({ length: 24 }, (_, hour) => [hour * 60, `${String(hour).padStart(2, "0")}:00`]);
    const hours = Math.ceil((view.ends - view.starts) / Clocks.MINUTE / 60);
    return Array.from({ length: hours }, (_, hour) => [hour * 60, words(view, view.starts + hour * 60 * Clocks.MINUTE)]);
  };

  // The minute at which the visible part begins: an hour before the day's first row, or the beginning of work.
  const firstMinute = (root, view) => {
    const shown = rowsOf(root).flatMap((row) => view.days.filter((day) => row.starts >= day.starts && row.starts < day.ends && row.starts !== null).map((day) => minuteOf(view, day, row.starts)));
    return shown.length ? Math.max(Math.min(...shown) - 60, 0) : 8 * 60;
  };

  const draw = (root, view) => {
    view.drawn = JSON.stringify([rowsOf(root), view.selected]);
    const calendar = part(root, "calendar");
    const begins = (key, minute) => momentOf(view, dayOf(view, key), minute);
    TimeGrid.draw(calendar, {
      axis: "down",
      from: 0,
      until: view.days.length > 1 ? DAY : (view.ends - view.starts) / Clocks.MINUTE,
      ticks: ticksOf(view),
      lanes: lanesOf(root, view),
      crosses: view.days.length > 1,
      isPicture: true, // "Show as text" tells it
      words: (key, from, until) => span(view, begins(key, from), begins(key, until)),
      ghost: () => {
        const row = chosenRow(root, view);
        return row && { name: row.name, minutes: minutesOf(root, row) };
      },
      onHold: () => { view.held = true; root.dataset.held = ""; },
      onRelease: () => release(root, view),
      onPick: (key, minute) => {
        const row = chosenRow(root, view);
        if (row) write(root, view, row.prefix, { starts: begins(key, minute) });
      },
      onMove: ({ id, lane: key, from, until, isResized }) => write(root, view, id, isResized ? { ends: begins(key, until) } : { starts: begins(key, from) }),
    });
    part(root, "who").textContent = columnsOf(root, view, view.days[0]).map((column) => column.short_name).join(", ");
    for (const row of root.closest("form").querySelectorAll("fieldset:has([data-row])")) {
      row.toggleAttribute("data-chosen", row.querySelector("[data-row]").dataset.row === view.selected);
    }
    spell(root, view);
  };

  // After a drop; the form around it waited as well (redraw.js).
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

  const minutesOf = (root, row) => (row.starts === null ? Number(value(root.closest("form"), `${row.prefix}-minutes`)) || 60 : (row.ends - row.starts) / Clocks.MINUTE);

  // Writes a block that was dragged, or whose end was, into its row's fields, as if it had been typed.
  const write = (root, view, prefix, { starts, ends }) => {
    const form = root.closest("form");
    const row = rowsOf(root).find((one) => one.prefix === prefix);
    const at = starts ?? row.starts;
    const long = ends === undefined ? minutesOf(root, row) : Math.min(Math.max((ends - row.starts) / Clocks.MINUTE, STEP), 600);
    const { date, time, fold } = Clocks.read(view.data.entry_clock, at);
    field(form, `${prefix}-date`).value = date;
    field(form, `${prefix}-time`).value = time;
    field(form, `${prefix}-minutes`).value = String(long);
    // Until the server answers, which it does in a moment with the same or with better.
    const beside = form.querySelector(`[data-row="${prefix}"]`);
    beside.dataset.startsAt = new Date(at).toISOString();
    beside.dataset.endsAt = new Date(at + long * Clocks.MINUTE).toISOString();
    for (const old of form.querySelectorAll(`[name="${prefix}-fold"]`)) old.remove();
    if (fold !== null) {
      // Goes with this very request; the answer shows the choice of the two.
      beside.append(Object.assign(document.createElement("input"), { type: "hidden", name: `${prefix}-fold`, value: fold }));
    }
    view.selected = prefix;
    draw(root, view);
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
      if (view.drawn !== JSON.stringify([rows, view.selected])) draw(root, view);
      // What htmx has moved in the page begins at its top again.
      if (view.kept && !part(root, "calendar").scrollTop) part(root, "calendar").scrollTop = view.kept;
    }
  };

  const open = (root, view, isShown) => {
    part(root, "body").hidden = !isShown;
    part(root, "toggle").setAttribute("aria-expanded", String(isShown));
    part(root, "show").hidden = isShown;
    part(root, "hide").hidden = !isShown;
    if (isShown) follow(root, view);
  };

  const begin = (root) => {
    const view = {
      data: null, days: [], late: null, held: false, stays: false, selected: "", scope: "day",
      zone: "", when: {}, asked: "", turn: 0, known: new Map(), starts: 0, ends: 0, kept: 0, drawn: "",
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
    for (const button of root.querySelectorAll("[data-day-scope]")) {
      button.addEventListener("click", () => {
        view.scope = button.dataset.dayScope;
        ask(root, view, view.when, true);
      });
    }
    matchMedia(WIDE).addEventListener("change", ({ matches }) => root.isConnected && matches && open(root, view, true));
    open(root, view, matchMedia(WIDE).matches);
  };

  // The row in which somebody is: its container is the nearest that holds one row's data.
  const rowAround = (target) => {
    for (let box = target.closest("form *"); box && box.tagName !== "FORM"; box = box.parentElement) {
      const rows = box.querySelectorAll("[data-row]");
      if (rows.length) return rows.length === 1 ? rows[0].dataset.row : null;
    }
    return null;
  };
  for (const name of ["focusin", "click"]) {
    document.addEventListener(name, ({ target }) => {
      for (const [root, view] of views) {
        const form = root.closest("form");
        if (!root.isConnected || root.contains(target) || !form?.contains(target)) continue;
        const prefix = rowAround(target);
        if (!prefix || prefix === view.selected) continue;
        view.selected = prefix;
        if (view.data && !view.held && !part(root, "body").hidden) {
          draw(root, view);
          if (question(root, view).toString() !== view.asked) ask(root, view, view.when, true);
        }
      }
    });
  }

  let waiting = 0;
  const look = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      for (const root of views.keys()) if (!root.isConnected) views.delete(root);
      for (const root of document.querySelectorAll("[data-day-view]")) {
        if (views.has(root)) follow(root, views.get(root));
        else begin(root);
      }
    });
  };

  document.addEventListener("htmx:beforeSwap", () => {
    for (const [root, view] of views) view.kept = part(root, "calendar").scrollTop;
  });
  for (const name of ["DOMContentLoaded", "htmx:load", "htmx:oobAfterSwap", "htmx:afterSettle"]) {
    document.addEventListener(name, look);
  }
  if (document.readyState === "complete") look(); // it came after the page
})();
