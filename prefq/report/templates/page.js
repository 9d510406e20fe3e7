"use strict";
(() => {
  const $ = (id) => document.getElementById(id);

  /* Checks: filter, sort, open. Without this script the table is whole, grouped by harm. */
  const table = $("check-table"), heads = [...table.tBodies].filter((b) => b.className === "tier");
  const bodies = [...table.tBodies].filter((b) => b.className !== "tier");
  if (bodies.length) {
    table.parentElement.querySelector(".tools").hidden = false;
    const words = new Map(bodies.map((b) => [b, b.rows[0].cells[0].textContent.toLowerCase()]));
    const filter = () => {
      const asked = $("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
      let n = 0;
      for (const b of bodies) n += (b.hidden = !asked.every((w) => words.get(b).includes(w))) ? 0 : 1;
      $("shown").textContent = asked.length ? n + " of " + bodies.length + " checks" : "";
      const grouped = $("sort").value === "harm";
      for (const h of heads) h.hidden = !grouped || !bodies.some((b) => !b.hidden && b.dataset.tier === h.dataset.tier);
    };
    const sort = () => {
      const how = $("sort").value, harm = (a, b) => (how === "harm" ? a.dataset.tier - b.dataset.tier : 0);
      const count = (a, b) => (how === "name" ? 0 : b.dataset.count - a.dataset.count);
      bodies.sort((a, b) => harm(a, b) || count(a, b) || (a.dataset.name < b.dataset.name ? -1 : 1));
      const head = (b) => (how === "harm" ? heads.filter((h) => h.dataset.tier === b.dataset.tier && !h.dataset.put && (h.dataset.put = 1)) : []);
      for (const h of heads) delete h.dataset.put;
      table.append(...bodies.flatMap((b) => [...head(b), b]));
      filter();
    };
    $("filter").addEventListener("input", filter);
    $("sort").addEventListener("change", sort);
    $("unfold").addEventListener("click", () => {
      const all = [...table.querySelectorAll("details.examples")], open = all.some((d) => !d.open);
      for (const d of all) d.open = open;
      $("unfold").textContent = open ? "Close all examples" : "Open all examples";
    });
  }
  const follow = () => {
    const target = location.hash.length > 1 && $(decodeURIComponent(location.hash.slice(1)));
    if (!target || !target.id.startsWith("check-")) return;
    target.hidden = false;
    const inside = target.querySelector("details.examples"), around = target.closest("details");
    if (inside) inside.open = true;
    if (around) around.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", follow);
  follow();

  /* Map: a canvas of points. One bit per point and check says which are coloured. */
  if (!$("map-data")) return;
  const data = JSON.parse($("map-data").textContent);
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const shorts = (text) => { const b = bytes(text), v = new DataView(b.buffer); return Uint16Array.from({ length: b.length / 2 }, (_, i) => v.getUint16(2 * i, true)); };
  const xs = shorts(data.x), ys = shorts(data.y), rows = shorts(data.rows);
  const layers = data.layers.map((l) => bytes(l.bits));
  const canvas = $("canvas"), ink = canvas.getContext("2d");
  let view = { x: 0.5, y: 0.5, zoom: 1 }, layer = layers.length ? 0 : -1, near = -1, queued = false;
  document.querySelector(".map-tools").hidden = false;
  const on = (i) => layer >= 0 && (layers[layer][i >> 3] >> (i & 7)) & 1;
  const scale = () => 0.92 * view.zoom;
  const px = (i) => ((xs[i] / 65535 - view.x) * scale() + 0.5) * canvas.clientWidth;
  const py = (i) => ((view.y - ys[i] / 65535) * scale() + 0.5) * canvas.clientHeight;
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name);

  const dots = (flagged, radius, fill, alpha, edge) => {
    ink.fillStyle = fill; ink.strokeStyle = edge || "transparent"; ink.lineWidth = 0.8; ink.globalAlpha = alpha;
    const w = canvas.clientWidth, h = canvas.clientHeight;
    for (let i = 0; i < data.n; i++) {
      if (Boolean(on(i)) !== flagged) continue;
      const x = px(i), y = py(i);
      if (x < -9 || y < -9 || x > w + 9 || y > h + 9) continue;
      const r = radius * (rows[i] > 1 ? Math.min(2.2, 1 + Math.log2(rows[i]) / 6) : 1);
      if (data.n > 8000 && !flagged) { ink.fillRect(x - r, y - r, 2 * r, 2 * r); continue; }
      ink.beginPath(); ink.arc(x, y, r, 0, 7); ink.fill(); if (edge) ink.stroke();
    }
    ink.globalAlpha = 1;
  };
  const draw = () => {
    queued = false;
    const ratio = devicePixelRatio || 1, w = canvas.clientWidth, h = canvas.clientHeight;
    if (canvas.width !== Math.round(w * ratio)) canvas.width = Math.round(w * ratio);
    if (canvas.height !== Math.round(h * ratio)) canvas.height = Math.round(h * ratio);
    ink.setTransform(ratio, 0, 0, ratio, 0, 0);
    ink.clearRect(0, 0, w, h);
    const many = layer >= 0 ? data.layers[layer].n : 0, bonus = Math.max(0.2, Math.min(1.4, 30 / Math.sqrt(many + 1)));
    const radius = Math.max(1, Math.min(3, 120 / Math.sqrt(data.n))) * Math.min(2.4, Math.sqrt(view.zoom));
    dots(false, radius, colour("--merge"), data.n > 8000 ? 0.4 : 0.55);
    dots(true, radius + bonus, colour("--drop"), many > 3000 ? 0.7 : 0.95, many > 1000 ? null : colour("--panel"));
    if (near >= 0) { ink.strokeStyle = colour("--ink"); ink.lineWidth = 1.6; ink.beginPath(); ink.arc(px(near), py(near), radius + 4, 0, 7); ink.stroke(); }
  };
  const redraw = () => { if (!queued) { queued = true; requestAnimationFrame(draw); } };
  const say = (i) => {
    const line = $("point"), text = document.createElement("b"), id = document.createElement("code"), what = document.createElement("bdi");
    what.textContent = data.texts[i] || "(empty prompt)"; text.append(what); id.textContent = data.ids[i];
    line.replaceChildren(text, " ", id, rows[i] > 1 ? " and " + (rows[i] - 1) + " more of the same prompt" : "");
    const flags = data.layers.filter((_, k) => (layers[k][i >> 3] >> (i & 7)) & 1).map((l) => l.check);
    if (flags.length) line.append(" · " + flags.join(", "));
  };
  const find = (x, y) => {
    let best = -1, least = 18 * 18;
    for (let i = 0; i < data.n; i++) { const d = (px(i) - x) ** 2 + (py(i) - y) ** 2 - (on(i) ? 9 : 0); if (d < least) { least = d; best = i; } }
    if (best === near) return;
    near = best;
    if (near >= 0) say(near);
    redraw();
  };
  const zoom = (factor, x = canvas.clientWidth / 2, y = canvas.clientHeight / 2) => {
    const z = Math.max(1, Math.min(80, view.zoom * factor)), dx = x / canvas.clientWidth - 0.5, dy = y / canvas.clientHeight - 0.5;
    view.x += dx / scale() * (1 - view.zoom / z); view.y -= dy / scale() * (1 - view.zoom / z); view.zoom = z;
    if (z === 1) { view.x = 0.5; view.y = 0.5; }
    redraw();
  };
  const move = (dx, dy) => { view.x -= dx / canvas.clientWidth / scale(); view.y += dy / canvas.clientHeight / scale(); redraw(); };
  const reset = () => { view = { x: 0.5, y: 0.5, zoom: 1 }; redraw(); };
  let held = null;
  canvas.addEventListener("pointerdown", (e) => { held = { x: e.offsetX, y: e.offsetY }; canvas.setPointerCapture(e.pointerId); find(e.offsetX, e.offsetY); });
  canvas.addEventListener("pointermove", (e) => {
    if (!held) return find(e.offsetX, e.offsetY);
    move(e.offsetX - held.x, e.offsetY - held.y); held = { x: e.offsetX, y: e.offsetY };
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { held = null; });
  canvas.addEventListener("wheel", (e) => {
    if (!e.ctrlKey && document.activeElement !== canvas) return;
    e.preventDefault(); zoom(Math.exp(-e.deltaY / 300), e.offsetX, e.offsetY);
  }, { passive: false });
  const keys = { ArrowLeft: () => move(60, 0), ArrowRight: () => move(-60, 0), ArrowUp: () => move(0, 60), ArrowDown: () => move(0, -60), "+": () => zoom(1.5), "=": () => zoom(1.5), "-": () => zoom(1 / 1.5), 0: reset };
  canvas.addEventListener("keydown", (e) => { if (keys[e.key] && !e.ctrlKey && !e.metaKey) { e.preventDefault(); keys[e.key](); find(canvas.clientWidth / 2, canvas.clientHeight / 2); } });
  $("zoom-in").addEventListener("click", () => zoom(1.6));
  $("zoom-out").addEventListener("click", () => zoom(1 / 1.6));
  $("zoom-reset").addEventListener("click", reset);
  const choose = () => { layer = Number($("layer").value); $("layer-on").textContent = layer >= 0 ? data.layers[layer].check : "none coloured"; redraw(); };
  $("layer").addEventListener("change", choose);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  new ResizeObserver(redraw).observe(canvas);
  choose();
})();
