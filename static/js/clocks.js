// How clocks in a zone read. Zones are the server's business: it gives a clock as {zone, offsets}, a list of moments and
// of the minutes that clocks are ahead of UTC from then on. Moments are milliseconds, days are like 2027-03-31.
window.Clocks = (() => {
  const MINUTE = 60000;
  const parsed = new WeakMap();
  const offsetsOf = (clock) => {
    if (!parsed.has(clock)) parsed.set(clock, clock.offsets.map(([from, minutes]) => [Date.parse(from), minutes]));
    return parsed.get(clock);
  };

  // What clocks show at a moment: {date, time, fold, offset}; fold is 0 or 1 where they show it twice.
  const read = (clock, at) => {
    const offsets = offsetsOf(clock);
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
    const ahead = offset ? `${offset < 0 ? "-" : "+"}${hours}${minutes ? `:${String(minutes).padStart(2, "0")}` : ""}` : "";
    return `${time} (GMT${ahead})`;
  };

  // Minutes on the clock since the midnight that a day begins with, and back. Where clocks jump, the later reading.
  const minuteOf = (clock, day, at) => {
    const { date, time } = read(clock, at);
    return (Date.parse(`${date}T${time}Z`) - Date.parse(`${day}T00:00Z`)) / MINUTE;
  };
  const momentOf = (clock, day, minute) => {
    const shown = Date.parse(`${day}T00:00Z`) + minute * MINUTE;
    const readings = offsetsOf(clock).map(([, offset]) => shown - offset * MINUTE);
    return readings.find((at) => minuteOf(clock, day, at) === minute) ?? readings[0];
  };

  return { MINUTE, read, words, minuteOf, momentOf };
})();
