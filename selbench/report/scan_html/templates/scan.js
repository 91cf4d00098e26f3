(() => {
  const data = JSON.parse(document.getElementById("scan-data").textContent);
  const canvas = document.getElementById("track");
  const tip = document.getElementById("tip");
  const context = canvas.getContext("2d");
  const NONE = 65535, SCORE_STEPS = 65534, P_STEPS = 1000, OUTSIDE = 1, CALLED = 2, REASON_BIT = 2;
  const LEFT = 46, RIGHT = 10, TOP = 26, AXIS = 34, GAP = 26;

  // Chromosomes stand end to end: every place is a number of base pairs from the first one's start.
  let total = 0;
  for (const each of data.chromosomes) {
    each.from = total;
    total += each.end - each.start;
    each.to = total;
  }
  const along = (chromosome, bp) => data.chromosomes[chromosome].from + bp - data.chromosomes[chromosome].start;

  function bytes(text) {
    const raw = atob(text), found = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) found[i] = raw.charCodeAt(i);
    return found;
  }
  function words(text) {
    const found = bytes(text), values = new Uint16Array(found.length / 2);
    for (let i = 0; i < values.length; i++) values[i] = found[2 * i] | (found[2 * i + 1] << 8);
    return values;
  }
  for (const track of data.tracks) {
    track.scores = words(track.score);
    track.ps = track.p === null ? null : words(track.p);
    track.marks = bytes(track.flags);
    track.starts = new Float64Array(track.scores.length);
    let at = 0;
    for (const [chromosome, first, step, n] of track.runs) {
      for (let i = 0; i < n; i++) track.starts[at++] = along(chromosome, first + i * step);
    }
  }
  const judged = data.tracks.some((track) => track.ps !== null);
  const mostP = Math.max(3, ...data.tracks.map((track) => highest(track)));
  function highest(track) {
    let most = 0;
    if (track.ps !== null) for (const p of track.ps) if (p !== NONE && p > most) most = p;
    return Math.ceil((most / P_STEPS + 0.15) * 2) / 2;
  }

  const measures = [];
  if (judged) measures.push(["p", "−log₁₀ p_sim", mostP]);
  measures.push(["score", "probability", 1.04]);
  const measure = document.getElementById("measure");
  for (const [name, label] of measures) measure.append(new Option(label, name));
  const jump = document.getElementById("goto");
  jump.append(new Option("–", ""));
  data.chromosomes.forEach((each, number) => jump.append(new Option(each.name, number)));

  const view = { from: 0, to: total };
  let chosen = null, ratio = 1, width = 0, lane = 0, drawn = 0;
  const plotWidth = () => width - LEFT - RIGHT;
  const toPixel = (place) => LEFT + ((place - view.from) / (view.to - view.from)) * plotWidth();
  const toPlace = (pixel) => view.from + ((pixel - LEFT) / plotWidth()) * (view.to - view.from);

  function value(track, i) {
    if (measure.value === "p") {
      return track.ps === null || track.ps[i] === NONE ? NaN : track.ps[i] / P_STEPS;
    }
    return track.scores[i] === NONE ? NaN : track.scores[i] / SCORE_STEPS;
  }
  // The first window whose start is at or behind a place.
  function bound(track, place) {
    let low = 0, high = track.starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (track.starts[middle] < place) low = middle + 1; else high = middle;
    }
    return low;
  }

  function colours() {
    const style = getComputedStyle(document.documentElement);
    const of = (name) => style.getPropertyValue(`--${name}`).trim();
    return Object.fromEntries(["paper", "ink", "soft", "hair", "point", "calls", "odd", "band", "stripe", "accent"].map((name) => [name, of(name)]));
  }

  function draw() {
    drawn = 0;
    width = canvas.clientWidth;
    lane = Math.max(120, Math.min(240, width * 0.42) - 40 * (data.tracks.length - 1));
    const height = TOP + data.tracks.length * lane + (data.tracks.length - 1) * GAP + AXIS;
    ratio = devicePixelRatio || 1;
    canvas.style.height = `${height}px`;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const colour = colours();
    context.clearRect(0, 0, width, height);
    data.tracks.forEach((track, number) => drawLane(track, number, TOP + number * (lane + GAP), colour));
    drawAxis(height - AXIS, colour);
    document.getElementById("where").textContent = told();
  }
  function later() {
    if (!drawn) drawn = requestAnimationFrame(draw);
  }

  function drawLane(track, number, top, colour) {
    const most = measures.find(([name]) => name === measure.value)[2];
    const foot = top + lane - 12;
    const y = (of) => foot - (Math.min(of, most) / most) * (foot - top);
    data.chromosomes.forEach((each, index) => {
      const left = Math.max(LEFT, toPixel(each.from)), right = Math.min(width - RIGHT, toPixel(each.to));
      if (index % 2 === 1 && right > left) {
        context.fillStyle = colour.stripe;
        context.fillRect(left, top, right - left, lane);
      }
    });
    track.regions.forEach(([chromosome, start, end], index) => {
      const left = Math.max(LEFT, toPixel(along(chromosome, start)));
      const right = Math.min(width - RIGHT, toPixel(along(chromosome, end)));
      if (right < LEFT || left > width - RIGHT) return;
      context.fillStyle = colour.band;
      context.fillRect(left, top, Math.max(2, right - left), lane - 12);
      if (chosen && chosen[0] === number && chosen[1] === index) {
        context.strokeStyle = colour.calls;
        context.lineWidth = 1;
        context.strokeRect(left, top, Math.max(2, right - left), lane - 12);
      }
    });
    grid(track, top, y, most, colour);
    context.save();
    context.beginPath();
    context.rect(LEFT - 5, top - 8, plotWidth() + 10, lane + 14);
    context.clip();
    const first = bound(track, view.from - track.window_bp), last = bound(track, view.to);
    if (last - first > 1.5 * plotWidth()) columns(track, first, last, y, foot, colour);
    else points(track, first, last, y, foot, colour);
    context.restore();
    if (data.tracks.length > 1) {
      context.fillStyle = colour.ink;
      context.textAlign = "left";
      context.font = "600 12px system-ui, sans-serif";
      context.fillText(track.label, LEFT, top - 9);
    }
  }

  function grid(track, top, y, most, colour) {
    const step = [0.25, 0.5, 1, 2, 5, 10].find((each) => most / each <= 6);
    context.font = "11.5px system-ui, sans-serif";
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (let at = 0; at <= most + 1e-9; at += step) {
      context.fillStyle = colour.hair;
      context.fillRect(LEFT, Math.round(y(at)), plotWidth(), 1);
      context.fillStyle = colour.soft;
      context.fillText(`${+at.toFixed(2)}`, LEFT - 7, y(at));
    }
    const isP = measure.value === "p";
    const line = isP ? (track.fpr === null ? null : -Math.log10(track.fpr)) : track.threshold;
    context.textBaseline = "alphabetic";
    if (line !== null && line <= most) {
      context.strokeStyle = colour.calls;
      context.lineWidth = 1;
      context.setLineDash([6, 4]);
      context.beginPath();
      context.moveTo(LEFT, y(line));
      context.lineTo(width - RIGHT, y(line));
      context.stroke();
      context.setLineDash([]);
      context.fillStyle = colour.calls;
      const words = isP ? `p_sim = ${track.fpr}` : `called above ${+line.toPrecision(4)}`;
      context.fillText(words, width - RIGHT, y(line) + (y(line) < top + 12 ? 13 : -4));
    }
    if (data.tracks.length === 1) {
      context.textAlign = "left";
      context.fillStyle = colour.ink;
      const label = measures.find(([name]) => name === measure.value)[1];
      context.fillText(measure.value === "p" ? label : `${label} of ${track.positive}`, 2, top - 12);
    }
  }

  function paint(track, i, x, height, colour, size) {
    const mark = track.marks[i];
    if (mark & OUTSIDE) {
      context.strokeStyle = mark & CALLED ? colour.calls : colour.odd;
      context.fillStyle = colour.paper;
      context.lineWidth = 1.3;
      context.beginPath();
      context.moveTo(x, height - size - 1);
      context.lineTo(x + size + 1, height);
      context.lineTo(x, height + size + 1);
      context.lineTo(x - size - 1, height);
      context.closePath();
      context.fill();
      context.stroke();
      return;
    }
    context.fillStyle = mark & CALLED ? colour.calls : colour.point;
    context.beginPath();
    context.arc(x, height, size, 0, 7);
    context.fill();
  }
  function gone(x, foot, colour) {
    context.fillStyle = colour.soft;
    context.fillRect(x - 0.5, foot + 4, 1, 6);
  }

  function points(track, first, last, y, foot, colour) {
    const wide = (track.window_bp / (view.to - view.from)) * plotWidth();
    const size = Math.max(1.6, Math.min(4, (plotWidth() / Math.max(1, last - first)) * 0.6));
    for (let i = first; i < last; i++) {
      const x = toPixel(track.starts[i] + track.window_bp / 2), of = value(track, i);
      if (Number.isNaN(of)) { gone(x, foot, colour); continue; }
      if (wide > 10) {
        context.fillStyle = track.marks[i] & CALLED ? colour.calls : colour.point;
        context.globalAlpha = 0.45;
        context.fillRect(x - wide / 2, y(of) - 0.75, wide, 1.5);
        context.globalAlpha = 1;
      }
      paint(track, i, x, y(of), colour, size);
    }
  }
  // Of many windows in a pixel, a bar from the lowest to the highest, and the highest.
  function columns(track, first, last, y, foot, colour) {
    let column = -1, low = Infinity, high = -Infinity, best = -1, empty = false;
    const flush = () => {
      const x = column + 0.5;
      if (best >= 0) {
        context.globalAlpha = 0.4;
        context.fillStyle = colour.point;
        context.fillRect(column, y(high), 1, Math.max(1, y(low) - y(high)));
        context.globalAlpha = 1;
        paint(track, best, x, y(high), colour, 1.5);
      } else if (empty) gone(x, foot, colour);
    };
    for (let i = first; i < last; i++) {
      const here = Math.floor(toPixel(track.starts[i] + track.window_bp / 2));
      if (here !== column) {
        if (column >= 0) flush();
        column = here; low = Infinity; high = -Infinity; best = -1; empty = false;
      }
      const of = value(track, i);
      if (Number.isNaN(of)) { empty = true; continue; }
      if (of < low) low = of;
      if (of > high) { high = of; best = i; }
    }
    if (column >= 0) flush();
  }

  function within() {
    return data.chromosomes.filter((each) => each.to > view.from && each.from < view.to);
  }
  function drawAxis(top, colour) {
    const shown = within();
    context.font = "11.5px system-ui, sans-serif";
    context.textBaseline = "alphabetic";
    context.textAlign = "center";
    context.fillStyle = colour.ink;
    let free = -Infinity;
    for (const each of shown) {
      const left = Math.max(LEFT, toPixel(each.from)), right = Math.min(width - RIGHT, toPixel(each.to));
      const middle = (left + right) / 2, wide = context.measureText(each.name).width;
      if (wide + 6 > right - left || middle - wide / 2 < free) continue;
      context.fillText(each.name, middle, top + (shown.length < 4 ? 30 : 16));
      free = middle + wide / 2 + 6;
    }
    if (shown.length >= 4) return;
    context.fillStyle = colour.soft;
    const step = nice(((view.to - view.from) / plotWidth()) * 90), unit = step >= 1e5 ? 1e6 : 1e3;
    for (const each of shown) {
      const from = Math.max(each.from, view.from) - each.from + each.start;
      const to = Math.min(each.to, view.to) - each.from + each.start;
      for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
        const x = toPixel(each.from + at - each.start);
        const label = `${(at / unit).toLocaleString("en", { maximumFractionDigits: 3 })} ${unit === 1e6 ? "Mb" : "kb"}`;
        const half = context.measureText(label).width / 2;
        context.fillRect(x, top - 6, 1, 4);
        const left = Math.max(LEFT, toPixel(each.from)), right = Math.min(width - RIGHT, toPixel(each.to));
        if (x - half >= left - 20 && x + half <= right + (each === shown[shown.length - 1] ? RIGHT : 0)) context.fillText(label, x, top + 12);
      }
    }
  }
  function nice(raw) {
    const power = 10 ** Math.floor(Math.log10(Math.max(1, raw)));
    return [1, 2, 5, 10].map((each) => each * power).find((each) => each >= raw);
  }
  function told() {
    const shown = within();
    if (!shown.length) return "";
    const ends = [shown[0], shown[shown.length - 1]];
    const bp = (each, place) => Math.round(place - each.from + each.start).toLocaleString("en");
    if (ends[0] === ends[1]) {
      return `${ends[0].name}:${bp(ends[0], Math.max(view.from, ends[0].from) + 1)}–${bp(ends[0], Math.min(view.to, ends[0].to))}`;
    }
    return view.from <= 0 && view.to >= total ? `${data.chromosomes.length} chromosomes or scaffolds` : `${ends[0].name} to ${ends[1].name}`;
  }

  const narrowest = Math.min(total, 3 * Math.min(...data.tracks.map((track) => track.window_bp)));
  function show(from, to) {
    const span = Math.min(total, Math.max(narrowest, to - from));
    const middle = (from + to) / 2;
    view.from = Math.min(Math.max(0, middle - span / 2), total - span);
    view.to = view.from + span;
    document.getElementById("where").textContent = told();
    later();
  }
  function zoom(factor, pixel = LEFT + plotWidth() / 2) {
    const at = toPlace(pixel), span = view.to - view.from;
    const next = Math.min(total, Math.max(narrowest, span * factor)), share = (at - view.from) / span;
    show(at - share * next, at - share * next + next);
  }
  const pan = (share) => show(view.from + share * (view.to - view.from), view.to + share * (view.to - view.from));

  document.getElementById("closer").addEventListener("click", () => zoom(0.5));
  document.getElementById("further").addEventListener("click", () => zoom(2));
  document.getElementById("whole").addEventListener("click", () => { jump.value = ""; show(0, total); });
  measure.addEventListener("change", later);
  jump.addEventListener("change", () => {
    const each = data.chromosomes[jump.value];
    if (each) show(each.from, each.to); else show(0, total);
  });
  canvas.addEventListener("keydown", (event) => {
    const act = { ArrowLeft: () => pan(-0.2), ArrowRight: () => pan(0.2), "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2) }[event.key];
    if (act) { event.preventDefault(); act(); }
  });
  canvas.addEventListener("wheel", (event) => {
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (!event.ctrlKey && !event.metaKey && !sideways) return;
    event.preventDefault();
    if (sideways) pan(event.deltaX / plotWidth());
    else zoom(Math.exp(Math.max(-60, Math.min(60, event.deltaY)) * 0.01), event.offsetX);
  }, { passive: false });
  canvas.addEventListener("dblclick", (event) => zoom(0.4, event.offsetX));

  const fingers = new Map();
  let moved = 0;
  canvas.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, event.offsetX);
    canvas.setPointerCapture(event.pointerId);
    moved = 0;
  });
  canvas.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (before === undefined) { hover(event); return; }
    const others = [...fingers].filter(([id]) => id !== event.pointerId).map(([, x]) => x);
    fingers.set(event.pointerId, event.offsetX);
    moved += Math.abs(event.offsetX - before);
    if (others.length) {
      const wide = (x) => Math.max(10, Math.abs(x - others[0]));
      zoom(wide(before) / wide(event.offsetX), (others[0] + event.offsetX) / 2);
    } else pan((before - event.offsetX) / plotWidth());
  });
  const up = (event) => {
    const held = fingers.delete(event.pointerId);
    if (event.type === "pointerup" && held && moved < 4) { hover(event); press(event); }
  };
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);
  canvas.addEventListener("pointerleave", () => { tip.hidden = true; });

  const laneAt = (y) => Math.min(data.tracks.length - 1, Math.max(0, Math.floor((y - TOP) / (lane + GAP))));
  function nearest(track, pixel) {
    const reach = Math.max(9, (track.window_bp / (view.to - view.from)) * plotWidth() * 0.5);
    const first = bound(track, toPlace(pixel - reach) - track.window_bp / 2);
    const last = bound(track, toPlace(pixel + reach) - track.window_bp / 2);
    let found = -1, least = Infinity;
    for (let i = first; i < last; i++) {
      const of = value(track, i), away = Math.abs(toPixel(track.starts[i] + track.window_bp / 2) - pixel);
      const score = last - first > 30 ? -(Number.isNaN(of) ? -1 : of) : away;
      if (score < least) { least = score; found = i; }
    }
    return found;
  }
  function hover(event) {
    const track = data.tracks[laneAt(event.offsetY)], i = nearest(track, event.offsetX);
    tip.hidden = i < 0;
    if (i < 0) return;
    const place = track.starts[i], each = data.chromosomes.find((one) => place < one.to);
    const start = place - each.from + each.start;
    const lines = [`${each.name}:${(start + 1).toLocaleString("en")}–${(start + track.window_bp).toLocaleString("en")}`];
    if (track.scores[i] === NONE) {
      lines.push(`skipped: ${track.reasons[(track.marks[i] >> REASON_BIT) - 1] ?? "see scan.csv"}`);
    } else {
      lines.push(`${track.positive}: ${(track.scores[i] / SCORE_STEPS).toFixed(4)}`);
      if (track.ps !== null && track.ps[i] !== NONE) lines.push(`p_sim: ${(10 ** (-track.ps[i] / P_STEPS)).toPrecision(2)}`);
      if (track.marks[i] & CALLED) lines.push("called");
      if (track.marks[i] & OUTSIDE) lines.push("looks like nothing in the training data");
    }
    tip.textContent = lines.join("\n");
    const x = toPixel(place + track.window_bp / 2);
    tip.style.top = `${Math.max(0, event.offsetY - 20)}px`;
    tip.style.left = x > width / 2 ? "" : `${x + 14}px`;
    tip.style.right = x > width / 2 ? `${width - x + 14}px` : "";
  }
  function press(event) {
    const number = laneAt(event.offsetY), place = toPlace(event.offsetX), room = (3 / plotWidth()) * (view.to - view.from);
    const index = data.tracks[number].regions.findIndex(
      ([chromosome, start, end]) => place >= along(chromosome, start) - room && place <= along(chromosome, end) + room);
    choose(index < 0 ? null : [number, index]);
    later();
  }

  function choose(next) {
    chosen = next;
    for (const row of document.querySelectorAll("table.regions tr[data-region]")) {
      row.classList.toggle("chosen", next !== null && +row.dataset.track === next[0] && +row.dataset.region === next[1]);
    }
  }
  for (const source of document.querySelectorAll("[data-region]")) {
    const button = source.matches("button") ? source : source.querySelector("button");
    button.addEventListener("click", () => {
      const number = +source.dataset.track, index = +source.dataset.region;
      const [chromosome, start, end] = data.tracks[number].regions[index];
      const room = Math.max(10 * data.tracks[number].window_bp, end - start);
      choose([number, index]);
      const each = data.chromosomes[chromosome];
      show(Math.max(each.from, along(chromosome, start) - room), Math.min(each.to, along(chromosome, end) + room));
      document.getElementById("along").scrollIntoView({ block: "start" });
    });
  }

  new ResizeObserver(later).observe(canvas.parentElement);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", later);
  draw();
})();
