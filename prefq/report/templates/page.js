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
  /* What scrolls inside the page can be reached and moved by the keyboard. */
  const reach = (place) => {
    const boxes = [...place.querySelectorAll(".text, .scroll, pre.settings")];
    const over = boxes.map((b) => b.scrollHeight > b.clientHeight + 1 || b.scrollWidth > b.clientWidth + 1);
    boxes.forEach((b, i) => { if (over[i]) b.tabIndex = 0; else b.removeAttribute("tabindex"); });
  };
  document.addEventListener("toggle", (e) => reach(e.target), true);
  addEventListener("resize", () => reach(document));
  reach(document);

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
})();
