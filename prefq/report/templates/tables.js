/* Every table can be kept as a CSV file: figures as plain numbers, intervals as their two ends. */
(() => {
  "use strict";
  const plain = (node) => (node ? node.textContent : "").replace(/\s+/g, " ").trim();
  const figure = (text) => {
    if (/^[−-]?\d{1,3}(,\d{3})*(\.\d+)?$/.test(text)) return text.replace(/,/g, "").replace("−", "-");
    const share = /^(\d+(?:\.\d+)?) %$/.exec(text);
    return share ? String(+(share[1] / 100).toFixed(6)) : text;
  };
  /* What stands beside a figure: the ends of its interval, a number of pairs, a share, or words. */
  const KINDS = [
    [/^(-?[\d.]+)–([\d.]+) %$/, (m) => ({ low: figure(m[1] + " %"), high: figure(m[2] + " %") })],
    [/^([−-]?[\d.]+) to ([−-]?[\d.]+)$/, (m) => ({ low: figure(m[1]), high: figure(m[2]) })],
    [/^[\d,]+$/, (m) => ({ n: figure(m[0]) })],
    [/^[\d.]+ %$/, (m) => ({ share: figure(m[0]) })],
    [/./, (m) => ({ note: m.input })],
  ];
  const told = (text) => { for (const [form, then] of KINDS) { const found = form.exec(text); if (found) return then(found); } return {}; };
  /* What a spreadsheet would take for a formula stays a text. */
  const quoted = (text) => {
    const safe = /^[=+@\t\r-]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? "'" + text : text;
    return /[",\n]/.test(safe) ? '"' + safe.replace(/"/g, '""') + '"' : safe;
  };
  /* A cell as its value, and what stands beside it, in small print or in brackets. */
  const parts = (cell) => {
    const name = cell.querySelector(".name");
    if (name) return { "": plain(name) };
    const copy = cell.cloneNode(true), asides = [...copy.querySelectorAll("small")];
    for (const small of asides) small.remove();
    const said = plain(copy), beside = /^([\d.,]+(?: %)?) \((.+)\)$/.exec(said) || /^([\d.]+ %) of ([\d,]+)$/.exec(said);
    const texts = [...asides.map(plain), ...(beside ? beside[2].split("; ") : [])];
    return Object.assign({ "": figure(beside ? beside[1] : said) }, ...texts.map(told));
  };
  const csv = (table) => {
    const heads = table.tHead ? [...table.tHead.rows[0].cells].map(plain) : [];
    const own = (r) => r.closest("table") === table && r.parentElement !== table.tHead && !r.matches(".tail, .tier tr");
    const rows = [...table.rows].filter(own).map((r) => [...r.cells].map(parts));
    const columns = [];
    for (let k = 0; k < Math.max(heads.length, ...rows.map((r) => r.length)); k++)
      for (const part of ["", "low", "high", "n", "share", "note"]) {
        const column = rows.map((r) => (r[k] && r[k][part]) || "");
        if (column.some(Boolean)) columns.push([((heads[k] || "") + " " + part).trim(), ...column]);
      }
    const lines = Array.from({ length: rows.length + 1 }, (_, i) => columns.map((c) => quoted(c[i])).join(",") + "\r\n");
    return lines.slice(heads.length ? 0 : 1).join("");
  };
  /* A table is called by its caption, what it is folded under, its figure, or the last heading before it. */
  const heading = (table) => {
    for (let at = table; at.tagName !== "SECTION"; at = at.parentElement)
      for (let before = at.previousElementSibling; before; before = before.previousElementSibling)
        if (/^H[2-4]$/.test(before.tagName)) return plain(before);
    return "";
  };
  const titled = (table) => {
    const check = table.closest("tbody[data-name]"), section = table.closest("section"), figure = table.closest("figure");
    const folded = plain(table.closest("details")?.querySelector("summary"));
    const under = folded === "Numbers" ? plain(figure?.querySelector("figcaption")) : folded;
    const name = check ? "By slice: " + check.dataset.name : plain(table.caption) || under || heading(table) || section.getAttribute("aria-label");
    return { title: name.slice(0, 80), file: ["prefq", section.id, name].join(" ").replace(/[^A-Za-z0-9]+/g, "-").toLowerCase().slice(0, 60).replace(/-$/, "") + ".csv" };
  };
  for (const table of document.querySelectorAll("main table:not(.contradiction table)")) {
    const button = document.createElement("button"), { title, file } = titled(table);
    button.type = "button"; button.className = "csv"; button.textContent = "Download CSV";
    button.setAttribute("aria-label", "Download CSV: " + title);
    button.addEventListener("click", () => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob(["\ufeff" + csv(table)], { type: "text/csv" }));
      link.download = file; link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    });
    (table.closest(".scroll") || table).after(button);
  }
})();
