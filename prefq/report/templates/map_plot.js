/* The map's points, drawn by ECharts: a series for each look and size, so that 200,000 of them stay quick to move. */
const PrefqPlot = (() => {
  "use strict";
  /* Plain loops, because a page of 200,000 points waits for them. */
  const bytes = (text) => {
    const raw = atob(text), out = new Uint8Array(raw.length);
    for (let i = 0; i < out.length; i++) out[i] = raw.charCodeAt(i);
    return out;
  };
  const shorts = (text) => {
    const raw = atob(text), out = new Uint16Array(raw.length / 2);
    for (let i = 0; i < out.length; i++) out[i] = raw.charCodeAt(2 * i) | (raw.charCodeAt(2 * i + 1) << 8);
    return out;
  };
  /* ● ■ ◆ ▲ ▼ ✚ ✖, with the size that makes them look alike. */
  const SHAPES = [
    ["circle", 1], ["rect", 0.86], ["diamond", 1.25], ["triangle", 1.15], ["path://M0 0H10L5 10Z", 1.15],
    ["path://M3.3 0H6.7V3.3H10V6.7H6.7V10H3.3V6.7H0V3.3H3.3Z", 1.15],
    ["path://M0 2.2L2.2 0L5 2.8L7.8 0L10 2.2L7.2 5L10 7.8L7.8 10L5 7.2L2.2 10L0 7.8L2.8 5Z", 1.1],
  ];
  const END = 65535, MARGIN = 0.25;
  /* Points that are drawn one by one in their shapes; where more are in view, ECharts' large mode draws small squares. */
  const SINGLE = 3000;
  /* Larger squares of the large mode are one path, which takes seconds. */
  const LARGEST_SQUARE = 3.9;
  /* The large mode draws in rounds of so many points, so that a map that is being moved shows at once what the first have.
     Each group has its part in each round: where colours are many, small rounds keep the last from lying over all others. */
  const ROUND = 8000, ROUND_OF_MANY = 2000;
  const MANY_PAIRS = [1, 1.3, 1.8], HALO = 3.4, BEHIND = 0.4;
  const PLAIN = 0, COLOURED = 1, HALOS = 2, SELECTED = 3, MARKS = 4;

  /* ECharts gives each series that it draws in rounds a canvas of its own, where the last would lie over all others. */
  echarts.ComponentModel.getClass("series", "scatter").prototype.getZLevelKey = () => "";

  class Plot {
    constructor(root, data) {
      this.root = root; this.n = data.n;
      this.xs = shorts(data.x); this.ys = shorts(data.y); this.rows = shorts(data.rows);
      this.selected = new Uint8Array(this.n); this.some = 0;
      this.code = new Uint8Array(this.n); this.styles = []; this.styleOf = (c) => c; this.groups = [];
      this.stale = true; this.queued = false;
      this.whole(); this.open();
      new ResizeObserver(() => {
        if (root.clientWidth === this.width && root.clientHeight === this.height) return;
        this.chart.resize(); this.redraw();
      }).observe(root);
    }
    open() {
      this.chart = echarts.init(this.root, null, { renderer: "canvas" });
      const axis = { type: "value", show: false, min: -MARGIN * END, max: (1 + MARGIN) * END };
      const zoom = { type: "inside", disabled: true, filterMode: "filter" };
      this.chart.setOption({
        animation: false, hoverLayerThreshold: Infinity, grid: { left: 0, right: 0, top: 0, bottom: 0 }, xAxis: axis, yAxis: axis,
        dataZoom: [{ ...zoom, ...this.window("x") }, { ...zoom, ...this.window("y") }],
      });
      const { Circle, Polygon } = echarts.graphic, mark = { silent: true, ignore: true, zlevel: MARKS };
      this.near = new Circle({ ...mark, style: { fill: null, lineWidth: 1.6 } });
      this.ring = new Circle({ ...mark, style: { fill: null, lineWidth: 1.6, lineDash: [4, 4] } });
      this.lasso = new Polygon({ ...mark, style: { lineWidth: 1.6 } });
      for (const what of [this.near, this.ring, this.lasso]) this.chart.getZr().add(what);
      this.chart.on("finished", () => performance.mark("map drawn"));
      /* A canvas has the resolution that the screen had when it was made. */
      const again = () => { this.chart.dispose(); this.open(); this.paint(); this.regroup(); };
      matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener("change", again, { once: true });
    }
    get width() { return this.chart.getWidth(); }
    get height() { return this.chart.getHeight(); }
    get scale() { return 0.92 * this.view.zoom; }
    get radius() { return Math.max(1, Math.min(3, 120 / Math.sqrt(this.n))) * Math.min(3, Math.sqrt(this.view.zoom)); }
    px(i) { return ((this.xs[i] / END - this.view.x) * this.scale + 0.5) * this.width; }
    py(i) { return ((this.view.y - this.ys[i] / END) * this.scale + 0.5) * this.height; }
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
    /* The part of an axis in view, as ECharts' dataZoom tells it. */
    window(axis) {
      const percent = (at) => ((at + MARGIN) / (1 + 2 * MARGIN)) * 100, half = 0.5 / this.scale;
      return { id: axis, [axis + "AxisIndex"]: 0, start: percent(this.view[axis] - half), end: percent(this.view[axis] + half) };
    }
    nearest(x, y, most = 18) {
      let best = -1, least = most * most;
      for (let i = 0; i < this.n; i++) {
        const dx = this.px(i) - x, dy = this.py(i) - y, d = dx * dx + dy * dy - (this.code[i] ? 9 : 0);
        if (d < least) { least = d; best = i; }
      }
      return best;
    }
    /* Calls back with each point whose place on the screen (in CSS pixels) passes. */
    each(passes, then) { for (let i = 0; i < this.n; i++) if (passes(this.px(i), this.py(i), i)) then(i); }

    /* Colour point i with styles[styleOf(code[i])]; `paper` lies behind all, `ink` marks what is selected. */
    colour(code, styles, styleOf, paper, ink) {
      Object.assign(this, { code, styles, styleOf, paper, ink });
      this.paint(); this.regroup();
    }
    paint() {
      for (const what of [this.near, this.ring, this.lasso]) what.setStyle({ stroke: this.ink });
      this.lasso.setStyle({ fill: echarts.color.modifyAlpha(this.ink, 0.12) });
    }
    regroup() { this.stale = true; this.redraw(); }
    redraw() { if (!this.queued) { this.queued = true; requestAnimationFrame(() => { this.queued = false; this.draw(); }); } }

    /* The points by what they look like: style, pairs behind them, whether selected. */
    parted() {
      const of = Uint8Array.from({ length: 256 }, (_, c) => this.styleOf(c)), looks = new Uint16Array(this.n), counts = new Uint32Array(6 * 256);
      for (let i = 0; i < this.n; i++) {
        looks[i] = 6 * of[this.code[i]] + 2 * (this.rows[i] > 7 ? 2 : this.rows[i] > 1 ? 1 : 0) + this.selected[i];
        counts[looks[i]]++;
      }
      const groups = [];
      counts.forEach((n, look) => {
        const style = this.styles[Math.floor(look / 6)], size = MANY_PAIRS[(look >> 1) % 3];
        if (n) groups[look] = { look, style, size, selected: look % 2, data: new Float64Array(2 * n), n: 0 };
      });
      for (let i = 0; i < this.n; i++) {
        const group = groups[looks[i]];
        group.data[2 * group.n] = this.xs[i]; group.data[2 * group.n++ + 1] = this.ys[i];
      }
      return groups.filter(Boolean);
    }
    /* How each group is drawn in this view: those with the fewest points in view one by one, the others large. */
    looks() {
      const v = this.view, half = 0.5 / this.scale, [left, right, low, high] = [v.x - half, v.x + half, v.y - half, v.y + half].map((at) => at * END);
      const seen = this.groups.map(({ data }) => {
        let n = 0;
        for (let k = 0; k < data.length; k += 2) if (data[k] >= left && data[k] <= right && data[k + 1] >= low && data[k + 1] <= high) n++;
        return n;
      });
      let singles = 0;
      const order = seen.map((_, k) => k).sort((a, b) => seen[a] - seen[b]), single = new Set(order.filter((k) => (singles += seen[k]) <= SINGLE));
      const radius = Math.round(4 * this.radius) / 4, round = this.styles.length > 2 ? ROUND_OF_MANY : ROUND;
      return this.groups.flatMap((group, k) => {
        const [symbol, swell] = SHAPES[group.style.shape], size = 2 * (radius * group.size + group.style.bonus), one = single.has(k);
        const look = (id, extra) => ({
          id: id + group.look, large: !one, largeThreshold: 0, symbol: one ? symbol : "rect",
          symbolSize: one ? (size + extra) * swell : Math.min(LARGEST_SQUARE, size + extra),
          progressive: one ? 0 : Math.ceil((round * group.n) / this.n), progressiveThreshold: one ? Infinity : 0,
        });
        return group.selected ? [look("halo", HALO), look("", 0)] : [look("", 0)];
      });
    }
    series(looks) {
      const alike = { type: "scatter", silent: true, dimensions: ["x", "y"], cursor: "inherit", emphasis: { disabled: true } };
      const all = new Map(this.groups.map((group) => [String(group.look), group]));
      return looks.map((look) => {
        const halo = look.id.startsWith("halo"), { style, selected, data, look: id } = all.get(look.id.replace("halo", ""));
        const itemStyle = halo ? { color: this.ink } : { color: style.colour, opacity: style.alpha * (this.some && !selected ? BEHIND : 1) };
        return { ...alike, ...look, data, itemStyle, z: id, zlevel: halo ? HALOS : selected ? SELECTED : id < 6 ? PLAIN : COLOURED };
      });
    }
    draw() {
      if (!this.width || !this.height) return;
      performance.clearMarks("map drawn");
      if (this.stale) this.groups = this.parted();
      const looks = this.looks(), told = JSON.stringify(looks), dataZoom = [this.window("x"), this.window("y")];
      if (this.stale) this.chart.setOption({ backgroundColor: this.paper, dataZoom, series: this.series(looks) }, { replaceMerge: "series" });
      else if (told !== this.told) this.chart.setOption({ dataZoom, series: looks });
      else this.chart.dispatchAction({ type: "dataZoom", batch: dataZoom.map(({ id, start, end }) => ({ dataZoomId: id, start, end })) });
      this.stale = false; this.told = told;
      for (const layer of this.root.querySelectorAll("canvas")) layer.ariaHidden = "true";
    }
    /* What is marked: the nearest point, the ring of the keyboard, the lasso; each null or left out where there is none. */
    mark({ near, ring, lasso }) {
      this.near.attr({ ignore: near < 0, shape: near < 0 ? {} : { cx: this.px(near), cy: this.py(near), r: this.radius + 4 } });
      this.ring.attr({ ignore: !ring, shape: { cx: this.width / 2, cy: this.height / 2, r: ring || 0 } });
      this.lasso.attr({ ignore: !lasso, shape: { points: lasso ? lasso.slice() : [] } });
    }
  }
  return { Plot, bytes, shorts };
})();
