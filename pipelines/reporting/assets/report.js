// The charts and the browsers of a report.  What strangers wrote becomes text nodes, and never HTML.
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const dataOf = (name) => JSON.parse(byId(`data-${name}`).textContent);
  const PAGE = 50;

  /** A new element.  Strings among `children` become text. */
  function make(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (value !== null && value !== undefined) element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child !== null));
    return element;
  }

  /** A link where a click may follow it; else its text. */
  function link(url, text) {
    const safe = url !== null && /^https?:\/\//i.test(url);
    return safe ? make("a", { href: url, rel: "noopener noreferrer", target: "_blank", dir: "ltr" }, text)
                : make("span", { dir: "ltr" }, text);
  }

  function terms(list) {
    return make("dl", {}, ...list.filter(([, value]) => value !== null && value !== "").flatMap(
      ([name, value]) => [make("dt", {}, name), make("dd", { dir: "auto" }, String(value))]));
  }

  // Theme: the system's, until somebody chooses.

  const root = document.documentElement;
  const preference = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ?? (preference.matches ? "dark" : "light")) === "dark";

  function stored(value) {
    try {
      if (value) localStorage.setItem("newsbeam-theme", value);
      return localStorage.getItem("newsbeam-theme");
    } catch { // a browser that keeps nothing for files
      return null;
    }
  }

  function showTheme() {
    byId("theme").textContent = isDark() ? "Light" : "Dark";
    byId("theme").setAttribute("aria-label", isDark() ? "Switch to light colours" : "Switch to dark colours");
    specs.forEach(draw);
  }

  // Charts.

  const color = (name) => getComputedStyle(root).getPropertyValue(`--${name}`).trim();
  const specs = dataOf("charts");
  const charts = new Map();

  /** Draws the chart, in the colours of the theme; what was there before goes. */
  function draw(spec) {
    const box = byId(`chart-${spec.key}`).querySelector(".canvas");
    if (spec.horizontal) box.style.height = `${spec.labels.length * 24 + 76}px`;
    const datasets = spec.series.map((series) => ({ label: series.name, data: series.values, backgroundColor: color(series.tone),
      maxBarThickness: 18, categoryPercentage: 0.8, barPercentage: 0.95 }));
    charts.get(spec.key)?.destroy();
    charts.set(spec.key, new Chart(box.querySelector("canvas"), {
      type: "bar", data: { labels: spec.labels, datasets }, options: optionsOf(spec, box.clientWidth < 480 ? 18 : 30),
    }));
  }

  function optionsOf(spec, longest) {
    const unit = spec.percent ? " %" : "";
    const [ink, line] = [color("soft"), color("line")];
    const values = { stacked: true, beginAtZero: true, border: { display: false }, max: spec.percent ? 100 : undefined,
      grid: { color: line },
      ticks: { color: ink, precision: 0, maxTicksLimit: 6, callback: (value) => value.toLocaleString("en") + unit } };
    const labels = { stacked: true, grid: { display: false }, border: { color: line },
      ticks: { color: ink, autoSkip: !spec.horizontal, maxRotation: 0, autoSkipPadding: 16,
        callback(value) { return shortened(this.getLabelForValue(value), longest); } } };
    return {
      animation: false, maintainAspectRatio: false, indexAxis: spec.horizontal ? "y" : "x",
      interaction: { mode: "index", axis: spec.horizontal ? "y" : "x", intersect: false },
      scales: spec.horizontal ? { x: values, y: labels } : { x: labels, y: values },
      plugins: {
        colors: { enabled: false },
        legend: { display: spec.series.length > 1, position: "bottom", align: "start",
          labels: { color: ink, boxWidth: 12, boxHeight: 12 } },
        tooltip: { callbacks: { label: (item) => `${item.dataset.label}: ${item.formattedValue}${unit}` } },
      },
    };
  }

  const shortened = (label, longest) => (label.length > longest ? `${label.slice(0, longest - 1)}…` : label);

  // The text of an article, with its marks.  One mark is in the tab order; arrow keys lead to the others.

  function marked(piece, article, near) {
    if (typeof piece === "string") return piece;
    const classes = [piece.e !== undefined ? "e" : "", piece.s ? "s" : "", piece.c ? "c" : ""].filter(Boolean);
    if (!classes.length) return piece.t;
    const span = make("span", { class: classes.join(" ") }, piece.t);
    if (piece.e !== undefined) {
      span.tabIndex = -1;
      near.set(span, { lines: () => aboutEntity(article.entities[piece.e]) });
    }
    for (const number of piece.s ?? []) span.classList.add(`s${number}`);
    for (const number of piece.c ?? []) span.classList.add(`c${number}`);
    return span;
  }

  function paragraph(pieces, article, near) {
    const line = make("p", { dir: "auto" });
    let mark = null;
    let current;
    for (const piece of pieces) {
      const number = piece.q;
      if (number === undefined) {
        mark = null;
      } else if (!mark || number !== current) {
        mark = make("mark", { class: `q q${number}`, tabindex: "-1" });
        near.set(mark, { quotation: number, lines: () => aboutQuotation(article.quotations[number]) });
        line.append(mark);
      }
      current = number;
      (mark ?? line).append(marked(piece, article, near));
    }
    return line;
  }

  const percent = (value) => (value === null ? null : `${Math.round(100 * value)} %`);

  function aboutQuotation(quote) {
    const heading = quote.speaker_name ?? quote.speaker ?? "No speaker named";
    const written = quote.speaker !== quote.speaker_name ? quote.speaker : null;
    return [make("b", { dir: "auto" }, heading), terms([["as written", written], ["cue", quote.cue], ["kind", quote.kind],
      ["confidence", percent(quote.confidence)], ["method", quote.method]])];
  }

  function aboutEntity(entity) {
    return [make("b", { dir: "auto" }, entity.name), terms([["type", entity.type], ["mentions", entity.mentions],
      ["also", entity.aliases.join(", ")], ["link", entity.uri]])];
  }

  const tip = byId("tip");
  let about = new Map();
  let shown = null;

  function showTip(mark) {
    hideTip();
    shown = mark;
    const { lines, quotation } = about.get(mark);
    tip.replaceChildren(...lines());
    tip.hidden = false;
    mark.setAttribute("aria-describedby", "tip");
    const place = mark.getClientRects()[0] ?? mark.getBoundingClientRect();
    const left = Math.min(Math.max(place.left, 8), document.documentElement.clientWidth - tip.offsetWidth - 8);
    const below = place.bottom + 6 + tip.offsetHeight < innerHeight;
    const home = tip.offsetParent?.getBoundingClientRect() ?? { left: -scrollX, top: -scrollY };
    tip.style.left = `${left - home.left}px`;
    tip.style.top = `${(below ? place.bottom + 4 : place.top - tip.offsetHeight - 4) - home.top}px`;
    if (quotation !== undefined) partsOf(quotation).forEach((part) => part.classList.add("on"));
  }

  const partsOf = (number) => byId("reader").querySelectorAll(`.q${number}, .s${number}, .c${number}`);

  function hideTip() {
    if (!shown) return;
    shown.removeAttribute("aria-describedby");
    byId("reader").querySelectorAll(".on").forEach((part) => part.classList.remove("on"));
    tip.hidden = true;
    shown = null;
  }

  function step(mark, by) {
    const marks = [...about.keys()];
    const next = marks[marks.indexOf(mark) + by];
    if (next) {
      mark.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    }
  }

  function withMarks(body) {
    const markAt = (event) => event.target.closest?.(".q, .e");
    const watched = (mark) => mark && about.has(mark);
    body.addEventListener("pointerover", (event) => watched(markAt(event)) && showTip(markAt(event)));
    body.addEventListener("pointerout", (event) => !tip.contains(event.relatedTarget) && hideTip());
    body.addEventListener("focusin", (event) => watched(markAt(event)) && showTip(markAt(event)));
    body.addEventListener("focusout", hideTip);
    body.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (by && watched(event.target)) {
        event.preventDefault();
        step(event.target, by);
      }
    });
  }

  // The article browser.

  const articles = dataOf("articles");
  const textOf = (pieces) => pieces.map((piece) => piece.t ?? piece).join("");
  const haystacks = new Map();

  function haystack(article) {
    if (!haystacks.has(article)) {
      haystacks.set(article, [article.title, article.source, article.address, ...article.paragraphs.map(textOf),
        ...article.entities.map((entity) => entity.name),
        ...article.quotations.map((quote) => quote.speaker_name ?? "")].join("\n").toLocaleLowerCase());
    }
    return haystacks.get(article);
  }

  const wordsOf = (input) => input.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  let limit = PAGE;

  function showList() {
    const words = wordsOf(byId("search"));
    const found = articles.filter((article) => words.every((word) => haystack(article).includes(word)));
    byId("found").textContent = found.length === 1 ? "1 story" : `${found.length.toLocaleString("en")} stories`;
    byId("list").replaceChildren(...found.slice(0, limit).map(listed));
    byId("more-articles").hidden = found.length <= limit;
  }

  function listed(article) {
    const button = make("button", { type: "button", dir: "auto" }, article.title || "(no headline)",
      make("span", { class: "sub" }, [article.source, article.published].filter(Boolean).join(" · ")));
    if (article === open) button.setAttribute("aria-current", "true");
    button.addEventListener("click", () => { read(article); byId("reader").focus(); });
    return make("li", {}, button);
  }

  let open = null;

  function read(article) {
    hideTip();
    open = article;
    about = new Map();
    const body = make("div", { class: "body", lang: article.language },
      make("h3", { class: "title", dir: "auto" }, ...article.headline.map((piece) => marked(piece, article, about))),
      make("p", { class: "note" }, link(article.url, article.address)),
      ...article.paragraphs.map((pieces) => paragraph(pieces, article, about)));
    if (article.cut) body.append(make("p", { class: "note" }, `Cut here; ${article.cut.toLocaleString("en")} more characters are in the file.`));
    byId("reader").replaceChildren(body, keyLine(), ...details(article));
    about = new Map([...about].sort(([one], [other]) => (one.compareDocumentPosition(other) & 4 ? -1 : 1)));
    const [first] = about.keys();
    if (first) first.tabIndex = 0;
    withMarks(body);
    showList();
  }

  function keyLine() {
    return make("p", { class: "key" }, make("span", { class: "q" }, "quotation"), make("span", { class: "s" }, "speaker"),
      make("span", { class: "c" }, "cue"), make("span", { class: "e" }, "entity"),
      "Point at a mark, or tab to the text and use the arrow keys.");
  }

  function details(article) {
    const facts = article.facts.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", { dir: "auto" }, value)));
    return [
      make("h3", {}, "Record"), make("dl", { class: "facts" }, ...facts),
      ...table("Quotations", ["Speaker", "Words", "Cue", "Kind", "Confidence", "Method"], article.quotations.map((quote) => [
        quote.speaker_name ?? quote.speaker ?? "–", quote.text, quote.cue ?? "–", quote.kind, percent(quote.confidence) ?? "–", quote.method ?? "–"])),
      ...table("Where each field came from", ["Field", "Source", "As found", "Passed over"], article.provenance.map((each) => [
        each.field, each.source, each.raw, each.alternatives.join("; ")])),
    ];
  }

  function table(name, headings, rows) {
    if (!rows.length) return [];
    const head = make("tr", {}, ...headings.map((heading) => make("th", { scope: "col" }, heading)));
    const body = rows.map((cells) => make("tr", {}, ...cells.map((cell) => make("td", { dir: "auto", ...(cell?.length > 40 && { class: "long" }) }, cell))));
    return [make("h3", {}, name), make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": name },
      make("table", {}, make("thead", {}, head), make("tbody", {}, ...body)))];
  }

  // The list of URLs.

  const urls = dataOf("urls");
  let urlLimit = PAGE;

  function showUrls() {
    const words = wordsOf(byId("url-search"));
    const outcome = byId("url-outcome").value;
    const found = urls.filter((row) => (!outcome || row.outcome === outcome || (outcome === "failed" && !row.ok)) &&
      words.every((word) => `${row.address}\n${row.outcome}\n${row.source}\n${row.detail}\n${row.meaning}`.toLocaleLowerCase().includes(word)));
    byId("urls-found").textContent = found.length === 1 ? "1 URL" : `${found.length.toLocaleString("en")} URLs`;
    byId("url-table").tBodies[0].replaceChildren(...found.slice(0, urlLimit).map(urlRow));
    byId("more-urls").hidden = found.length <= urlLimit;
  }

  function urlRow(row) {
    const article = articles.find((each) => each.id === row.article);
    const reason = [row.meaning, row.detail, row.status && row.status !== 200 ? `status ${row.status}` : ""].filter(Boolean);
    return make("tr", {},
      make("td", {}, make("span", { class: `dot ${row.ok ? "ok" : "bad"}` }), make("code", {}, row.outcome),
        row.ok ? null : make("span", { class: "hidden" }, " (failed)")),
      make("td", {}, link(row.url, row.address), article ? opener(article) : null),
      make("td", { dir: "auto" }, reason.join("; ")),
      make("td", {}, row.stage));
  }

  function opener(article) {
    const button = make("button", { type: "button", class: "plain", "aria-label": `Read ${article.title || "the article"}` }, "Read");
    button.addEventListener("click", () => { read(article); byId("articles").scrollIntoView(); byId("reader").focus({ preventScroll: true }); });
    return make("span", { class: "sub" }, button);
  }

  // Wiring.

  byId("search").addEventListener("input", () => { limit = PAGE; showList(); });
  byId("more-articles").addEventListener("click", () => { limit += PAGE; showList(); });
  for (const id of ["url-search", "url-outcome"]) byId(id).addEventListener("input", () => { urlLimit = PAGE; showUrls(); });
  byId("more-urls").addEventListener("click", () => { urlLimit += PAGE; showUrls(); });
  byId("theme").hidden = false;
  byId("theme").addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    stored(root.dataset.theme);
    showTheme();
  });
  preference.addEventListener("change", showTheme);
  document.addEventListener("keydown", (event) => event.key === "Escape" && hideTip());
  tip.addEventListener("pointerleave", hideTip);

  if (["light", "dark"].includes(stored())) root.dataset.theme = stored();
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  showTheme();
  if (articles.length) read(articles[0]);
  showList();
  showUrls();
})();
