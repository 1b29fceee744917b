// "Integration health": draws the plots from the table on the page, so that both say the same.
(() => {
  const table = document.getElementById("health-days");
  if (!table || !globalThis.uPlot) return;
  const { uPlot } = globalThis;
  const rows = [...table.tBodies[0].rows].reverse();
  // The page's dates begin with the day.
  const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
  const days = rows.map((row) => Date.parse(`${row.dataset.day}T00:00:00Z`) / 1000);
  const values = (name) => rows.map((row) => (row.dataset[name] === "" ? null : Number(row.dataset[name])));
  const title = (column) => table.tHead.rows[0].cells[column].textContent.trim();
  const dayLabel = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", timeZone: "UTC" });
  const HALF_A_DAY = 43200;
  const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
  const exact = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
  // A canvas knows no variables: an element says what one comes to in the theme of now.
  const probe = document.getElementById("links-plot");
  const color = (name) => {
    probe.style.color = `var(--tblr-${name})`;
    const found = getComputedStyle(probe).color;
    probe.style.color = "";
    return found;
  };
  const bars = (width, align) => uPlot.paths.bars({ size: [width, 16], align });

  const series = (label, name, number, look) => ({
    data: values(name),
    look: () => ({ label, value: (_plot, value) => (value === null ? "–" : number.format(value)), ...look() }),
  });
  const plots = [
    {
      place: document.getElementById("links-plot"),
      number: whole,
      series: [
        series(title(1), "made", whole, () => ({ fill: color("link-color"), paths: bars(0.4, -1), points: { show: false } })),
        series(title(2), "failed", whole, () => ({ fill: color("danger"), paths: bars(0.4, 1), points: { show: false } })),
      ],
    },
    {
      place: document.getElementById("times-plot"),
      number: exact,
      series: [
        series(title(3), "median", exact, () => ({ stroke: color("link-color"), width: 2 })),
        series(title(4), "slowest", exact, () => ({ stroke: color("body-color"), width: 2, dash: [6, 4] })),
      ],
    },
  ];

  const axis = () => ({
    stroke: color("body-color"),
    grid: { stroke: color("border-color"), width: 1 },
    ticks: { stroke: color("border-color"), width: 1 },
    font: `12px ${getComputedStyle(document.body).fontFamily}`,
  });

  // Where nothing is pointed at, the numbers beside the names are those of today.
  const showLast = (drawn) => {
    if (drawn.cursor.idx === null) drawn.setLegend({ idx: days.length - 1 });
  };

  const draw = (plot) => {
    plot.drawn?.destroy();
    const options = {
      width: plot.place.clientWidth,
      height: 224,
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
      scales: {
        x: { range: () => [days[0] - HALF_A_DAY, days.at(-1) + HALF_A_DAY] },
        y: { range: (_plot, _least, most) => [0, Math.max(most * 1.1, plot.number === whole ? 4 : 0.1)] },
      },
      hooks: { setCursor: [showLast] },
      series: [
        { value: (_plot, day) => (day === null ? "–" : dayLabel.format(day * 1000)), label: title(0) },
        ...plot.series.map((one) => one.look()),
      ],
      axes: [
        { ...axis(), space: 70, values: (_plot, marks) => marks.map((mark) => dayLabel.format(mark * 1000)) },
        { ...axis(), size: 56, values: (_plot, marks) => marks.map((mark) => plot.number.format(mark)) },
      ],
    };
    // Without whole days between two marks one date would stand twice.
    options.axes[0].incrs = [1, 2, 5, 7, 10, 15].map((count) => count * 86400);
    if (plot.number === whole) options.axes[1].incrs = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 1e5, 1e6];
    plot.drawn = new uPlot(options, [days, ...plot.series.map((one) => one.data)], plot.place);
    plot.drawn.setLegend({ idx: days.length - 1 });
    plot.width = plot.place.clientWidth;
  };

  const drawAll = () => plots.forEach(draw);
  drawAll();
  new MutationObserver(drawAll).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
  new ResizeObserver(() => {
    for (const plot of plots) if (plot.place.clientWidth !== plot.width) draw(plot);
  }).observe(plots[0].place);
})();
