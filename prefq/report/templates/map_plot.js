/* The map's points, drawn into pixels: fast enough for 200,000 of them without a graphics card. */
const PrefqPlot = (() => {
  "use strict";
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const shorts = (text) => {
    const view = new DataView(bytes(text).buffer);
    return Uint16Array.from({ length: view.byteLength / 2 }, (_, i) => view.getUint16(2 * i, true));
  };
  const SHAPES = [
    (x, y, r) => x * x + y * y <= r * r,
    (x, y, r) => Math.max(Math.abs(x), Math.abs(y)) <= 0.86 * r,
    (x, y, r) => Math.abs(x) + Math.abs(y) <= 1.25 * r,
    (x, y, r) => y <= 0.8 * r && y >= 2.1 * Math.abs(x) - 1.2 * r,
    (x, y, r) => y >= -0.8 * r && -y >= 2.1 * Math.abs(x) - 1.2 * r,
    (x, y, r) => Math.min(Math.abs(x), Math.abs(y)) <= 0.38 * r && Math.max(Math.abs(x), Math.abs(y)) <= 1.15 * r,
    (x, y, r) => Math.abs(Math.abs(x) - Math.abs(y)) <= 0.5 * r && Math.max(Math.abs(x), Math.abs(y)) <= 0.9 * r,
  ];
  const stamps = new Map();

  /* Which pixels around a point a shape covers, and how much of each (of 255): by sixteen samples in each pixel. */
  const stamp = (shape, radius) => {
    const key = shape * 1000 + Math.round(radius * 8);
    if (stamps.has(key)) return stamps.get(key);
    const reach = Math.ceil(radius * 1.25 + 0.5), side = 2 * reach + 1, cover = new Uint8Array(side * side);
    for (let i = 0; i < side * side; i++) {
      let hits = 0;
      for (let k = 0; k < 16; k++) hits += SHAPES[shape]((i % side) - reach + (k % 4) / 4 - 0.375, Math.floor(i / side) - reach + (k >> 2) / 4 - 0.375, radius);
      cover[i] = Math.round((hits * 255) / 16);
    }
    stamps.set(key, { reach, side, cover });
    return stamps.get(key);
  };

  class Plot {
    constructor(canvas, data) {
      this.canvas = canvas; this.ink = canvas.getContext("2d");
      this.n = data.n; this.xs = shorts(data.x); this.ys = shorts(data.y); this.rows = shorts(data.rows);
      this.selected = new Uint8Array(this.n); this.some = 0;
      this.code = new Uint8Array(this.n); this.order = Uint32Array.from({ length: this.n }, (_, i) => i);
      this.styles = [{ rgb: [0, 0, 0], alpha: 1, bonus: 0, shape: 0 }];
      this.view = { x: 0.5, y: 0.5, zoom: 1 };
    }
    /* Colour point i with styles[code[i]]; points of higher ranks are drawn over those of lower ones. */
    colour(code, styles, rank = (c) => c) {
      this.code = code; this.styles = styles;
      const starts = new Uint32Array(257), to = Uint8Array.from({ length: 256 }, (_, c) => rank(c));
      for (let i = 0; i < this.n; i++) starts[to[code[i]] + 1]++;
      for (let c = 1; c < 257; c++) starts[c] += starts[c - 1];
      for (let i = 0; i < this.n; i++) this.order[starts[to[code[i]]]++] = i;
    }
    get scale() { return 0.92 * this.view.zoom; }
    get width() { return this.canvas.clientWidth; }
    get height() { return this.canvas.clientHeight; }
    px(i) { return ((this.xs[i] / 65535 - this.view.x) * this.scale + 0.5) * this.width; }
    py(i) { return ((this.view.y - this.ys[i] / 65535) * this.scale + 0.5) * this.height; }
    get radius() { return Math.max(1, Math.min(3, 120 / Math.sqrt(this.n))) * Math.min(3, Math.sqrt(this.view.zoom)); }
    zoom(factor, x = this.width / 2, y = this.height / 2) {
      const v = this.view, z = Math.max(1, Math.min(200, v.zoom * factor)), part = (1 - v.zoom / z) / this.scale;
      v.x += (x / this.width - 0.5) * part; v.y -= (y / this.height - 0.5) * part; v.zoom = z;
      this.keep();
    }
    move(dx, dy) { this.view.x -= dx / this.width / this.scale; this.view.y += dy / this.height / this.scale; this.keep(); }
    /* Some of the map stays in sight. */
    keep() {
      const v = this.view, half = v.zoom <= 1 ? 0 : 0.5 - 0.46 / v.zoom + 0.1;
      for (const axis of ["x", "y"]) v[axis] = Math.max(0.5 - half, Math.min(0.5 + half, v[axis]));
    }
    whole() { this.view = { x: 0.5, y: 0.5, zoom: 1 }; }
    nearest(x, y, most = 18) {
      let best = -1, least = most * most;
      for (let i = 0; i < this.n; i++) {
        const dx = this.px(i) - x, dy = this.py(i) - y, d = dx * dx + dy * dy - (this.styles[this.code[i]].bonus > 0 ? 9 : 0);
        if (d < least) { least = d; best = i; }
      }
      return best;
    }
    /* Calls back with each point whose place on the screen (in CSS pixels) passes. */
    each(passes, then) { for (let i = 0; i < this.n; i++) if (passes(this.px(i), this.py(i), i)) then(i); }
    draw(background, accent) {
      const ratio = window.devicePixelRatio || 1, w = Math.round(this.width * ratio), h = Math.round(this.height * ratio);
      if (!w || !h) return;
      if (this.canvas.width !== w || this.canvas.height !== h) { this.canvas.width = w; this.canvas.height = h; this.image = null; }
      this.image = this.image || this.ink.createImageData(w, h);
      const base = new Uint8ClampedArray([...background, 255]);
      new Uint32Array(this.image.data.buffer).fill(new Uint32Array(base.buffer)[0]);
      const sizes = Float32Array.from({ length: 8 }, (_, k) => this.radius * ratio * Math.min(2.2, 1 + k / 6));
      if (this.some) this.stampAll(w, h, ratio, sizes, (i) => (this.selected[i] ? { ...this.styles[this.code[i]], rgb: accent, alpha: 1 } : null), 1.7 * ratio);
      this.stampAll(w, h, ratio, sizes, null, 0);
      this.ink.setTransform(1, 0, 0, 1, 0, 0);
      this.ink.putImageData(this.image, 0, 0);
      this.ink.setTransform(ratio, 0, 0, ratio, 0, 0);
    }
    stampAll(w, h, ratio, sizes, styleOf, extra) {
      const out = this.image.data, s = this.scale, v = this.view;
      const kx = (s * w) / 65535, ox = (0.5 - v.x * s) * w, ky = (-s * h) / 65535, oy = (0.5 + v.y * s) * h;
      for (let k = 0; k < this.n; k++) {
        const i = this.order[k], cx = Math.round(ox + kx * this.xs[i] - 0.5), cy = Math.round(oy + ky * this.ys[i] - 0.5);
        if (cx < -30 || cy < -30 || cx > w + 30 || cy > h + 30) continue;
        const style = styleOf ? styleOf(i) : this.styles[this.code[i]];
        if (!style) continue;
        const many = this.rows[i], size = sizes[many > 1 ? Math.min(7, Math.round(Math.log2(many))) : 0];
        const mark = stamp(style.shape, size + style.bonus * ratio + extra), cover = mark.cover;
        const alpha = (styleOf || !this.some || this.selected[i] ? style.alpha : style.alpha * 0.4) / 255;
        const [r, g, b] = style.rgb, x0 = cx - mark.reach, y0 = cy - mark.reach;
        for (let y = Math.max(0, y0), end = Math.min(h, y0 + mark.side); y < end; y++) {
          let at = (y - y0) * mark.side + Math.max(0, -x0), to = (y * w + Math.max(0, x0)) * 4;
          for (let x = Math.max(0, x0), stop = Math.min(w, x0 + mark.side); x < stop; x++, at++, to += 4) {
            const a = cover[at] * alpha;
            if (!a) continue;
            out[to] += (r - out[to]) * a; out[to + 1] += (g - out[to + 1]) * a; out[to + 2] += (b - out[to + 2]) * a;
          }
        }
      }
    }
  }
  return { Plot, bytes, shorts };
})();
