/* The map: colours, hover, keyboard, touch, lasso; what is selected can be copied or kept as a review queue. */
(() => {
  "use strict";
  const $ = (id) => document.getElementById(id);
  if (!$("map-data")) return;
  const data = JSON.parse($("map-data").textContent), canvas = $("canvas");
  const { Plot, bytes, shorts } = PrefqPlot, plot = new Plot(canvas, data), pairs = data.pairs;
  const GLYPHS = ["●", "■", "◆", "▲", "▼", "✚", "✖"], count = (n) => n.toLocaleString("en-US");
  const some = (n, what) => count(n) + " " + what + (n === 1 ? "" : "s");
  document.querySelector(".map-tools").hidden = false; $("selection").hidden = false;

  /* Colours come from the style sheet, so that they follow the light. */
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const BANDS = 16, ramp = () => css("--ramp").split(/\s+/);
  const decoded = new Map();
  const raw = (k) => { if (!decoded.has(k)) decoded.set(k, bytes(data.layers[k].codes)); return decoded.get(k); };
  const bit = (bits, i) => (bits[i >> 3] >> (i & 7)) & 1;
  const code = (k, i) => (data.layers[k].kind === "flag" ? bit(raw(k), i) : raw(k)[i]);
  const codes = (k) => {
    if (data.layers[k].kind !== "flag") return raw(k);
    const bits = raw(k), out = new Uint8Array(plot.n);
    for (let i = 0; i < plot.n; i++) out[i] = bit(bits, i);
    return out;
  };
  const crowded = plot.n > 8000, plain = () => ({ colour: css("--merge"), alpha: crowded ? 0.4 : 0.6, bonus: 0, shape: 0 });
  const bold = (n) => ({ alpha: n > 3000 ? 0.75 : 0.95, bonus: Math.max(0.2, Math.min(1.4, 30 / Math.sqrt(n + 1))) });
  const styles = {
    flag: (l) => [plain(), { colour: css("--drop"), ...bold(l.n), shape: 0 }],
    part: (l) => [plain(), ...l.values.map((v, k) => ({ colour: css("--map-" + (k + 1)), ...bold(plot.n), shape: k }))],
    scale: () => [plain(), ...Array.from({ length: BANDS }, (_, k) => ({ colour: echarts.color.lerp(k / (BANDS - 1), ramp()), ...bold(plot.n), shape: 0 }))],
  };
  const styleOf = { scale: (c) => (c ? 1 + Math.floor(((c - 1) * BANDS) / 255) : 0) };
  let layer = -1, near = -1, picking = false, trace = null, byKeys = false;
  const legend = () => {
    const l = data.layers[layer], items = [];
    const item = (colour, glyph, text) => {
      const line = document.createElement("li"), mark = document.createElement("span"), name = document.createElement("bdi");
      mark.textContent = glyph; mark.style.color = colour; mark.setAttribute("aria-hidden", "true"); name.textContent = text;
      line.append(mark, name); items.push(line);
    };
    if (l && l.kind === "flag") item("var(--drop)", "●", l.name + " (" + count(l.n) + ")");
    if (l && l.kind === "part") l.values.forEach((v, k) => item("var(--map-" + (k + 1) + ")", GLYPHS[k], v.name + " (" + count(v.n) + ")"));
    if (l && l.kind === "scale") {
      const bar = document.createElement("li"), strip = document.createElement("i"), ends = [l.low, l.high].map((v) => v.toFixed(2));
      strip.className = "ramp"; strip.style.background = "linear-gradient(to right, " + css("--ramp").split(/\s+/).join(", ") + ")";
      bar.append(ends[0], strip, ends[1]); items.push(bar);
    }
    if (!l || l.kind !== "part" || l.without) item("var(--merge)", "●", !l ? "prompts" : l.kind === "part" ? l.rest : l.kind === "scale" ? "no score" : "other prompts");
    $("legend").replaceChildren(...items);
  };
  const choose = () => {
    layer = Number($("layer").value);
    const l = data.layers[layer];
    const looks = l ? styles[l.kind](l) : [{ ...plain(), alpha: crowded ? 0.55 : 0.8 }];
    plot.colour(l ? codes(layer) : new Uint8Array(plot.n), looks, (l && styleOf[l.kind]) || ((c) => Math.min(c, looks.length - 1)), css("--panel"), css("--ink"));
    $("pick-view").textContent = l && l.kind === "flag" ? "Select coloured in view" : "Select all in view";
    legend();
  };
  const marks = () => plot.mark({ near, ring: byKeys && RING, lasso: trace });
  const redraw = () => { plot.redraw(); marks(); };

  /* The pairs of a point, and what names them. */
  const held = shorts(pairs.held), source = shorts(pairs.source), kinds = pairs.dimension ? shorts(pairs.dimension) : null;
  const starts = new Uint32Array(plot.n + 1);
  for (let i = 0; i < plot.n; i++) starts[i + 1] = starts[i] + held[i];
  const rowId = (p) => (pairs.sources[source[p]] ? pairs.sources[source[p]] + ":" : "") + pairs.records[p];
  let digests = null;
  const pairId = (p) => {
    if (typeof pairs.pair_ids !== "string") return pairs.pair_ids[p];
    digests = digests || bytes(pairs.pair_ids);
    return Array.from(digests.subarray(16 * p, 16 * p + 16), (b) => b.toString(16).padStart(2, "0")).join("");
  };
  const facts = (i) => data.layers.flatMap((l, k) => {
    const c = code(k, i);
    if (!c) return [];
    return [l.kind === "flag" ? l.name : l.kind === "part" ? l.name + ": " + l.values[c - 1].name : l.name + " " + (l.low + ((c - 1) / 254) * (l.high - l.low)).toFixed(2)];
  });
  const told = (i, where) => {
    const text = document.createElement("b"), id = document.createElement("code"), what = document.createElement("bdi"), name = document.createElement("bdi"), more = document.createElement("bdi");
    what.textContent = data.texts[i] || "(empty prompt)"; text.append(what);
    name.textContent = rowId(starts[i]).replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "·"); id.append(name); more.textContent = facts(i).join(" · ");
    where.replaceChildren(text, " ", id, plot.rows[i] > 1 ? " and " + count(plot.rows[i] - 1) + " more of the same prompt · " : " · ", more);
  };
  const find = (x, y, most) => {
    const best = plot.nearest(x, y, most);
    if (best === near) return;
    near = best;
    if (near >= 0) told(near, $("point"));
    marks();
  };

  /* Selection. */
  const MOST_SHOWN = 100, RING = 48;
  const chosen = () => { const found = []; for (let i = 0; i < plot.n; i++) if (plot.selected[i]) found.push(i); return found; };
  const behind = (points) => points.flatMap((i) => Array.from({ length: held[i] }, (_, k) => starts[i] + k));
  const show = (said) => {
    const points = chosen(), all = points.reduce((sum, i) => sum + held[i], 0);
    plot.some = points.length;
    $("picked").textContent = said || (points.length ? some(points.length, "prompt") + " selected, " + some(all, "pair") : "Nothing selected");
    for (const id of ["copy", "queue", "unpick"]) $(id).disabled = !points.length;
    const list = points.slice(0, MOST_SHOWN).map((i) => { const line = document.createElement("li"); told(i, line); return line; });
    $("picked-list").replaceChildren(...list);
    $("picked-more").textContent = points.length > MOST_SHOWN ? "and " + count(points.length - MOST_SHOWN) + " more prompts" : "";
    $("picked-details").hidden = !points.length;
    $("ids").hidden = true;
    plot.regroup();
  };
  const pick = (passes, value = 1) => { plot.each(passes, (i) => { plot.selected[i] = value; }); show(); };
  const inView = (x, y) => x >= 0 && y >= 0 && x <= plot.width && y <= plot.height;
  const inside = (line) => (x, y) => {
    let odd = false;
    for (let a = 0, b = line.length - 1; a < line.length; b = a++) {
      const [ax, ay] = line[a], [bx, by] = line[b];
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) odd = !odd;
    }
    return odd;
  };
  const within = (line) => {
    const xs = line.map((p) => p[0]), ys = line.map((p) => p[1]), test = inside(line);
    const box = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    return (x, y) => x >= box[0] && x <= box[1] && y >= box[2] && y <= box[3] && test(x, y);
  };
  const lines = () => behind(chosen()).map(rowId).join("\n");
  const entries = () => {
    const l = data.layers[layer], seen = new Set(), out = [];
    for (const p of behind(chosen())) {
      const dimension = pairs.dimensions[kinds ? kinds[p] : 0], pair = pairId(p), key = pair + dimension;
      if (seen.has(key)) continue;
      seen.add(key);
      out.push({ format: 1, reason: "map", pair_id: pair, dimension, about: l ? [l.name] : [], row_id: rowId(p), base: null, opinions: [] });
    }
    return out.sort((a, b) => (a.pair_id < b.pair_id ? -1 : a.pair_id > b.pair_id ? 1 : a.dimension < b.dimension ? -1 : 1));
  };
  $("copy").addEventListener("click", () => {
    const text = lines(), box = $("ids"), n = text.split("\n").length;
    const byHand = () => { box.value = text; box.hidden = false; box.focus(); box.select(); $("picked").textContent = some(n, "id") + " below, ready to copy"; };
    if (!navigator.clipboard) return byHand();
    navigator.clipboard.writeText(text).then(() => { $("picked").textContent = some(n, "id") + " copied"; }, byHand);
  });
  $("queue").addEventListener("click", () => {
    const found = entries(), link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([found.map((e) => JSON.stringify(e) + "\n").join("")], { type: "application/jsonl" }));
    link.download = "review.jsonl"; link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    $("picked").textContent = some(found.length, "pair") + " in review.jsonl";
  });
  const clear = () => { plot.selected.fill(0); show(); };
  $("unpick").addEventListener("click", clear);
  $("pick-view").addEventListener("click", () => {
    const l = data.layers[layer];
    pick(l && l.kind === "flag" ? (x, y, i) => plot.code[i] && inView(x, y) : inView);
  });
  const picks = (on) => { picking = on; canvas.classList.toggle("picking", on); $("lasso").setAttribute("aria-pressed", String(on)); };
  $("lasso").addEventListener("click", () => picks(!picking));

  /* Pointers: one moves or draws the lasso, two zoom. */
  const fingers = new Map();
  const middle = () => { const [a, b] = [...fingers.values()]; return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, wide: Math.hypot(a.x - b.x, a.y - b.y) || 1 }; };
  canvas.addEventListener("pointerdown", (e) => {
    byKeys = false;
    fingers.set(e.pointerId, { x: e.offsetX, y: e.offsetY });
    try { canvas.setPointerCapture(e.pointerId); } catch { /* the finger has left already */ }
    if (fingers.size > 1) trace = null;
    else if (picking || e.shiftKey) trace = [[e.offsetX, e.offsetY]];
    else find(e.offsetX, e.offsetY, e.pointerType === "touch" ? 28 : 18);
  });
  canvas.addEventListener("pointermove", (e) => {
    const before = fingers.get(e.pointerId), now = { x: e.offsetX, y: e.offsetY };
    if (!before) return find(now.x, now.y);
    if (trace) { trace.push([now.x, now.y]); return marks(); }
    if (fingers.size === 1) { fingers.set(e.pointerId, now); plot.move(now.x - before.x, now.y - before.y); return redraw(); }
    const was = middle();
    fingers.set(e.pointerId, now);
    const is = middle();
    plot.move(is.x - was.x, is.y - was.y); plot.zoom(is.wide / was.wide, is.x, is.y); redraw();
  });
  canvas.addEventListener("pointerup", (e) => {
    fingers.delete(e.pointerId);
    if (trace && trace.length > 2) { const line = trace; trace = null; pick(within(line)); } else trace = null;
    marks();
  });
  canvas.addEventListener("pointercancel", (e) => { fingers.delete(e.pointerId); trace = null; marks(); });
  canvas.addEventListener("pointerleave", () => { if (!fingers.size) { near = -1; marks(); } });
  canvas.addEventListener("wheel", (e) => {
    if (!e.ctrlKey && document.activeElement !== canvas) return;
    e.preventDefault(); plot.zoom(Math.exp(-e.deltaY / 300), e.offsetX, e.offsetY); redraw();
  }, { passive: false });
  const ring = (x, y) => Math.hypot(x - plot.width / 2, y - plot.height / 2) <= RING;
  const keys = {
    ArrowLeft: () => plot.move(60, 0), ArrowRight: () => plot.move(-60, 0), ArrowUp: () => plot.move(0, 60), ArrowDown: () => plot.move(0, -60),
    "+": () => plot.zoom(1.5), "=": () => plot.zoom(1.5), "-": () => plot.zoom(1 / 1.5), 0: () => plot.whole(),
    " ": (e) => pick(ring, e.shiftKey ? 0 : 1), Escape: clear,
  };
  canvas.addEventListener("keydown", (e) => {
    if (!keys[e.key] || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault(); byKeys = true; keys[e.key](e); find(plot.width / 2, plot.height / 2, RING); redraw();
  });
  canvas.addEventListener("blur", () => { byKeys = false; marks(); });
  const button = (id, then) => $(id).addEventListener("click", () => { then(); redraw(); });
  button("zoom-in", () => plot.zoom(1.6)); button("zoom-out", () => plot.zoom(1 / 1.6)); button("zoom-reset", () => plot.whole());
  $("layer").addEventListener("change", choose);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", choose);
  new ResizeObserver(marks).observe(canvas);
  show(); choose();
})();
