// Time to scale: lanes beside each other (or, `across`, below each other), hours along them, and blocks in the lanes.
// Draws in plain elements, so that sixty lanes stay fluent; what blocks mean is its caller's business. A block with
// `drag` is moved by the mouse, or by a finger that rests on it, in steps of a quarter of an hour; its lower edge with
// `resize`. A free place is pressed. All of this is by pointer: its callers offer the same by keyboard.
window.TimeGrid = (() => {
  const STEP = 15;
  const SHORT = 45; // minutes: a shorter block has room for one line
  const MOVED = 4; // pixels that a press may tremble
  const PRESS = 300; // milliseconds that a finger rests before it drags
  const EDGE = 28; // pixels from the edge in which a held block scrolls
  const grids = new WeakMap();
  let session = null;
  let endedAt = -Infinity;

  const make = (name, className, ...children) => {
    const node = Object.assign(document.createElement(name), { className });
    node.append(...children);
    return node;
  };

  // Blocks that overlap share the room: each gets its `side` of so many `sides`.
  const shared = (blocks) => {
    const placed = [];
    let [group, until] = [[], -Infinity];
    const close = () => {
      const ends = [];
      for (const one of group) {
        const free = ends.findIndex((end) => end <= one.block.from);
        one.side = free < 0 ? ends.length : free;
        ends[one.side] = one.block.until;
      }
      for (const one of group) one.sides = ends.length;
    };
    for (const block of [...blocks].sort((a, b) => a.from - b.from || b.until - a.until)) {
      if (block.from >= until) { close(); group = []; }
      const one = { block, side: 0, sides: 1 };
      group.push(one);
      placed.push(one);
      until = Math.max(until, block.until);
    }
    close();
    return placed;
  };

  const place = (grid, node, from, until) => {
    const [first, last] = [Math.max(from, grid.from), Math.min(until, grid.until)];
    node.style.setProperty("--at", (first - grid.from) / (grid.until - grid.from));
    node.style.setProperty("--long", Math.max(last - first, 0) / (grid.until - grid.from));
  };
  const isShown = (grid, { from, until }) => from < grid.until && until > grid.from;

  const drawBlock = (grid, { block, side, sides }) => {
    const isButton = grid.tag === "button" && !block.isPlain;
    const node = make(isButton ? "button" : "div", `tg-block ${block.className ?? ""}`, ...block.nodes);
    if (isButton) node.type = "button";
    if (block.nodeId) node.id = block.nodeId;
    Object.assign(node.dataset, { block: block.id, ...block.data });
    if (block.title) node.title = block.title;
    if (block.drag) node.dataset.drag = "";
    if (sides > 1) node.classList.add("tg-side");
    if (block.until - block.from < SHORT) node.classList.add("tg-short");
    if (block.resize) node.append(make("span", "tg-edge"));
    node.style.setProperty("--side", side);
    node.style.setProperty("--sides", sides);
    place(grid, node, block.from, block.until);
    return node;
  };

  const drawLane = (grid, lane) => {
    const node = make("div", `tg-lane ${lane.className ?? ""}`);
    node.dataset.lane = lane.key;
    if (lane.label) {
      node.setAttribute("role", "group");
      node.setAttribute("aria-label", lane.label);
    }
    for (const shade of lane.shades ?? []) {
      if (!isShown(grid, shade)) continue;
      const back = make("div", `tg-shade ${shade.className}`, make("span", "tg-shade-words", shade.text ?? ""));
      place(grid, back, shade.from, shade.until);
      node.append(back);
    }
    const blocks = shared(lane.blocks.filter((block) => isShown(grid, block)));
    node.style.setProperty("--most", Math.max(1, ...blocks.map((one) => one.sides)));
    node.append(...blocks.map((one) => drawBlock(grid, one)));
    if (lane.now > grid.from && lane.now < grid.until) {
      const line = make("div", "tg-now");
      place(grid, line, lane.now, lane.now);
      node.append(line);
    }
    return node;
  };

  const drawTicks = (grid) => grid.ticks.filter(([minute]) => minute >= grid.from && minute < grid.until).map(([minute, text]) => {
    const tick = make("div", "tg-tick", text);
    place(grid, tick, minute, minute);
    return tick;
  });

  // `options`: axis "down" or "across"; from, until: minutes; ticks: [minute, words]; lanes: [{key, head, blocks, ...}].
  const draw = (root, options) => {
    if (!grids.has(root)) listen(root);
    grids.set(root, options);
    const { scrollTop, scrollLeft } = root;
    root.classList.add("tg");
    root.dataset.axis = options.axis;
    root.style.setProperty("--lanes", options.lanes.length);
    root.style.setProperty("--hours", (options.until - options.from) / 60);
    const corner = make("div", "tg-corner");
    const gutter = make("div", "tg-gutter", ...drawTicks(options));
    const heads = options.lanes.map((lane) => make("div", "tg-head", ...lane.head));
    const lanes = options.lanes.map((lane) => drawLane(options, lane));
    const parts = options.axis === "down"
      ? [corner, ...heads, gutter, ...lanes]
      : [corner, gutter, ...heads.flatMap((head, index) => [head, lanes[index]])];
    if (options.isPicture) for (const part of parts) part.setAttribute("aria-hidden", "true");
    root.replaceChildren(...parts);
    Object.assign(root, { scrollTop, scrollLeft });
  };

  // Scrolls along the hours to a minute.
  const scrollTo = (root, minute) => {
    const grid = grids.get(root);
    const lane = root.querySelector(".tg-lane");
    if (!lane) return;
    const along = (minute - grid.from) / (grid.until - grid.from);
    if (grid.axis === "down") root.scrollTop = along * lane.offsetHeight - 12; // with the words of the hour
    else root.scrollLeft = along * lane.offsetWidth * (isFromRight(root) ? -1 : 1);
  };

  const isFromRight = (root) => getComputedStyle(root).direction === "rtl";
  const minuteAt = (root, lane, { x, y }) => {
    const grid = grids.get(root);
    const box = lane.getBoundingClientRect();
    let along = (y - box.top) / box.height;
    if (grid.axis === "across") along = (isFromRight(root) ? box.right - x : x - box.left) / box.width;
    return grid.from + along * (grid.until - grid.from);
  };
  const snapped = (minute, round = Math.round) => round(minute / STEP) * STEP;
  const blockOf = (root, node) => grids.get(root).lanes.flatMap((lane) => lane.blocks).find((block) => block.id === node.dataset.block);

  // Dragging ---------------------------------------------------------------------------------------------------------
  const lift = () => {
    session.isLifted = true;
    session.nodes = session.root.querySelectorAll(`[data-block="${CSS.escape(session.block.id)}"]`);
    for (const node of session.nodes) node.classList.add("tg-held");
    session.root.classList.add("tg-holding");
    session.root.querySelector(".tg-ghost")?.remove();
    grids.get(session.root).onHold?.();
  };

  const follow = () => {
    const { root, block, nodes, edge } = session;
    const grid = grids.get(root);
    if (grid.crosses && !edge) {
      const lane = document.elementsFromPoint(session.x, session.y).find((one) => one.matches(".tg-lane") && root.contains(one));
      if (lane && lane !== session.lane) {
        session.lane = lane;
        lane.append(session.node);
      }
    }
    const by = minuteAt(root, session.lane, session) - session.grabbed;
    const long = block.until - block.from;
    session.from = edge ? block.from : Math.min(Math.max(snapped(block.from + by), grid.from), grid.until - long);
    session.until = edge ? Math.min(Math.max(snapped(block.until + by), block.from + STEP), grid.until) : session.from + long;
    for (const node of nodes) {
      place(grid, node, session.from, session.until);
      const times = node.querySelector("[data-times]");
      if (times && grid.words) times.textContent = grid.words(session.lane.dataset.lane, session.from, session.until);
    }
  };

  // A block that is held near the edge scrolls what is below it.
  const creep = () => {
    if (!session?.isLifted) return;
    const { root, x, y } = session;
    const box = root.getBoundingClientRect();
    const pull = (at, low, high) => (at < low + EDGE ? at - low - EDGE : at > high - EDGE ? at - high + EDGE : 0) / 4;
    const head = root.querySelector(".tg-corner").getBoundingClientRect();
    const before = [root.scrollTop, root.scrollLeft];
    root.scrollTop += pull(y, head.bottom, box.bottom);
    if (grids.get(root).axis === "across") root.scrollLeft += pull(x, isFromRight(root) ? box.left : head.right, isFromRight(root) ? head.left : box.right);
    if (root.scrollTop !== before[0] || root.scrollLeft !== before[1]) follow();
    requestAnimationFrame(creep);
  };

  const finish = (isKept) => {
    const { root, lane, block, from, until, edge, isLifted, start, nodes } = session;
    clearTimeout(session.timer);
    session = null;
    if (!isLifted) return;
    const grid = grids.get(root);
    root.classList.remove("tg-holding");
    for (const node of nodes) node.classList.remove("tg-held");
    const isMoved = from !== undefined && (from !== block.from || until !== block.until || lane !== start);
    if (isKept && isMoved) grid.onMove({ id: block.id, lane: lane.dataset.lane, from, until, isResized: Boolean(edge) });
    else draw(root, grid);
    grid.onRelease?.();
    endedAt = performance.now();
  };

  const down = (root) => (event) => {
    const node = event.target.closest(".tg-block[data-drag]");
    if (!node || event.button || session) return;
    const lane = node.parentElement;
    session = {
      root, node, lane, start: lane, block: blockOf(root, node), edge: event.target.closest(".tg-edge"),
      x: event.clientX, y: event.clientY, left: event.clientX, top: event.clientY, pointer: event.pointerId,
    };
    session.grabbed = minuteAt(root, lane, session);
    if (event.pointerType === "touch") session.timer = setTimeout(() => { lift(); creep(); }, PRESS);
  };

  const move = (event) => {
    if (!session || event.pointerId !== session.pointer) return;
    Object.assign(session, { x: event.clientX, y: event.clientY });
    const far = Math.hypot(session.x - session.left, session.y - session.top) > MOVED;
    if (!session.isLifted && far) {
      if (event.pointerType === "touch") return finish(false);
      lift();
      creep();
    }
    if (session.isLifted) follow();
  };

  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", (event) => session && event.pointerId === session.pointer && finish(true));
  document.addEventListener("pointercancel", () => session && finish(false));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !session?.isLifted) return;
    event.stopPropagation();
    finish(false);
  }, true);

  // Free places ------------------------------------------------------------------------------------------------------
  const isFree = (event) => event.target.closest(".tg-lane") && !event.target.closest(".tg-block");
  const preview = (root) => (event) => {
    const old = root.querySelector(".tg-ghost");
    const grid = grids.get(root);
    const lane = isFree(event) && event.pointerType === "mouse" && !session && event.target.closest(".tg-lane");
    const what = lane && grid.ghost?.(lane.dataset.lane);
    if (!what) return old?.remove();
    const from = Math.min(snapped(minuteAt(root, lane, { x: event.clientX, y: event.clientY }), Math.floor), grid.until - what.minutes);
    const ghost = old ?? make("div", "tg-block tg-ghost");
    ghost.replaceChildren(make("strong", "", what.name), make("span", "", grid.words(lane.dataset.lane, from, from + what.minutes)));
    place(grid, ghost, from, from + what.minutes);
    if (ghost.parentElement !== lane) lane.append(ghost);
  };
  const pick = (root) => (event) => {
    const grid = grids.get(root);
    if (!isFree(event) || !grid.onPick) return;
    const lane = event.target.closest(".tg-lane");
    grid.onPick(lane.dataset.lane, snapped(minuteAt(root, lane, { x: event.clientX, y: event.clientY }), Math.floor));
  };

  const listen = (root) => {
    root.addEventListener("pointerdown", down(root));
    root.addEventListener("pointermove", preview(root));
    root.addEventListener("pointerleave", () => root.querySelector(".tg-ghost")?.remove());
    // The press that ended a drag is no press of the block.
    root.addEventListener("click", (event) => event.timeStamp - endedAt < PRESS && event.stopPropagation(), true);
    root.addEventListener("click", pick(root));
    // A finger that drags does not scroll.
    root.addEventListener("touchmove", (event) => session?.isLifted && event.preventDefault(), { passive: false });
    root.addEventListener("contextmenu", (event) => session && event.preventDefault());
  };

  return { draw, scrollTo, make };
})();
