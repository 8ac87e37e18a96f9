// The page: reads the API, draws with text nodes only. Every name is somebody else's text: it never becomes markup.
"use strict";

const WORDS = {
  IDENTITY: "copied from", TRANSFORMATION: "computed from", AGGREGATION: "aggregated from", JOIN: "joined on",
  FILTER: "filtered by", GROUP_BY: "grouped by", SORT: "sorted by", WINDOW: "windowed by", CONDITIONAL: "decided by",
};
const SHORT = {
  IDENTITY: "copied", TRANSFORMATION: "computed", AGGREGATION: "aggregated", JOIN: "join", FILTER: "filter",
  GROUP_BY: "grouping", SORT: "order", WINDOW: "window", CONDITIONAL: "condition",
};
const STATES = { COMPLETED: "Completed", FAILED: "Failed", ABORTED: "Aborted", RUNNING: "Running", OTHER: "Other" };
const DEPTH = 5;
const MOST_COLUMNS = 12;
const MOST_GAPS = 3;
const SVG = "http://www.w3.org/2000/svg";

const main = document.getElementById("main");
const status = document.getElementById("status");
let drawing = 0; // the view that is being drawn; an answer for an older one is dropped
let redraw = null;

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "class") made.className = value;
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

function name(text) {
  // A long name may break after a separator, and anywhere only if it must.
  const parts = String(text).split(/(?<=[/._:-])/u);
  const made = element("span", { class: "name", dir: "auto" });
  parts.forEach((part, place) => made.append(...(place ? [element("wbr"), part] : [part])));
  return made;
}

async function ask(path, parameters = {}) {
  const answer = await fetch(path + "?" + new URLSearchParams(parameters));
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.message || `The catalog answered ${answer.status}.`);
  return body;
}

function address(kind, namespace, called, column) {
  const parts = [kind, namespace, called, ...(column === undefined ? [] : [column])];
  return "#/" + parts.map(encodeURIComponent).join("/");
}

function show(...children) { main.replaceChildren(...children); }

function notice(text, isBad = false) { return element("p", { class: isBad ? "notice is-bad" : "notice" }, text); }

// ---- runs

function duration(milliseconds) {
  if (milliseconds === null) return "";
  if (milliseconds < 1000) return `${milliseconds} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${Math.round(seconds % 60)} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function moment(text) {
  const time = new Date(text);
  const shown = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" }).format(time);
  return element("time", { datetime: text, title: text }, shown);
}

function named(kind, thing) {
  return element("a", { href: address(kind, thing.namespace, thing.name) }, name(thing.name));
}

function cell(label, ...children) { return element("td", { "data-label": label }, ...children); }

function gaps(coverage) {
  // In a job's own answer the facet stands as its producer wrote it, so nothing about its form is certain.
  const count = coverage?.unresolvedCount;
  if (!Number.isInteger(count) || count < 1) return null;
  const known = (Array.isArray(coverage.unresolved) ? coverage.unresolved : []).slice(0, MOST_GAPS);
  const said = known.map((gap) => `${gap?.what} (${gap?.why})`);
  if (known.length && count > known.length) said.push(`and ${count - known.length} more`);
  const sentence = count === 1 ? "1 thing could not be traced" : `${count} things could not be traced`;
  return element("span", { class: "minor" }, sentence, ...(known.length ? [": ", name(said.join("; "))] : []));
}

function runRow(run) {
  return element("tr", {},
    cell("", element("span", { class: "state " + (STATES[run.state] ? run.state : "OTHER") }, STATES[run.state] || "Other")),
    cell("", named("job", run.job), element("span", { class: "minor name" }, run.job.namespace),
      run.error ? element("span", { class: "error name", title: run.error, dir: "auto" }, run.error) : null,
      gaps(run.coverage)),
    cell("Parent", ...(run.parent ? [named("job", run.parent)] : [])),
    cell("Started", moment(run.startedAt)),
    element("td", { class: "number", "data-label": "Took" }, duration(run.durationMs)));
}

function table(label, headings, rows) {
  return element("div", { class: "sheet" }, element("table", { "aria-label": label },
    element("thead", {}, element("tr", {}, ...headings.map((heading) => element("th", { scope: "col" }, heading)))),
    element("tbody", {}, ...rows)));
}

async function showRuns(view) {
  const page = await ask("/api/v2/runs", { limit: 100 });
  if (view !== drawing) return;
  const sheet = table("Runs, newest first", ["State", "Job", "Parent", "Started", "Took"], page.runs.map(runRow));
  const rows = sheet.querySelector("tbody");
  const more = element("button", { class: "more", type: "button", onclick: async () => {
    const next = await ask("/api/v2/runs", { limit: 100, offset: rows.children.length });
    rows.append(...next.runs.map(runRow));
    more.hidden = rows.children.length >= next.totalCount || !next.runs.length;
  } }, "Show earlier runs");
  more.hidden = page.runs.length >= page.totalCount;
  const count = page.totalCount === 1 ? "1 run" : `${page.totalCount} runs`;
  show(element("h1", {}, "Runs"), element("p", { class: "lead" }, `${count}, newest first`),
    page.runs.length ? sheet : empty(), more);
}

function empty() {
  return element("p", { class: "notice" }, "No run has been recorded yet. Point a producer here with ",
    element("code", {}, `OPENLINEAGE_URL=${location.origin}`),
    ", or run a job on this machine: what waits in its spool is picked up by itself.");
}

// ---- lists of datasets and jobs

async function everything(kind) {
  if (kind === "job") return (await ask("/api/v1/jobs", { limit: 1000 })).jobs;
  const { namespaces } = await ask("/api/v1/namespaces", { limit: 1000 });
  const pages = await Promise.all(namespaces.map((one) =>
    ask(`/api/v1/namespaces/${encodeURIComponent(one.name)}/datasets`, { limit: 1000 })));
  return pages.flatMap((page) => page.datasets);
}

async function showList(view, kind) {
  const title = kind === "job" ? "Jobs" : "Datasets";
  const things = await everything(kind);
  if (view !== drawing) return;
  const rows = things.map((thing) => {
    const detail = kind === "job" ? STATES[thing.latestRun?.state] || "" : thing.fields.map((field) => field.name).join(", ");
    const row = element("tr", {}, cell("", named(kind, thing), element("span", { class: "minor name" }, thing.namespace)),
      cell(kind === "job" ? "Last run" : "Columns", name(detail)));
    row.dataset.text = `${thing.namespace} ${thing.name} ${detail}`.toLowerCase();
    return row;
  });
  const filter = element("input", { class: "filter", type: "search", placeholder: "Filter by name", "aria-label": "Filter by name",
    oninput: () => {
      const wanted = filter.value.toLowerCase();
      for (const row of rows) row.hidden = !row.dataset.text.includes(wanted);
    } });
  show(element("h1", {}, title), element("p", { class: "lead" }, `${things.length} known`), filter,
    things.length ? table(title, ["Name", kind === "job" ? "Last run" : "Columns"], rows) : empty());
}

// ---- lineage of a dataset or job

function layersOf(graph) {
  // The longest way from a source decides the layer; an edge that closes a cycle is not followed.
  const nodes = new Map(graph.map((node) => [node.id, node]));
  const rank = new Map();
  const visiting = new Set();
  const place = (id) => {
    if (rank.has(id)) return rank.get(id);
    visiting.add(id);
    const before = nodes.get(id).inEdges.map((edge) => edge.origin).filter((origin) => nodes.has(origin) && !visiting.has(origin));
    const found = before.length ? Math.max(...before.map(place)) + 1 : 0;
    visiting.delete(id);
    rank.set(id, found);
    return found;
  };
  graph.forEach((node) => place(node.id));
  // A source stands right before its first reader, not at the far left.
  for (const node of graph) {
    const after = node.outEdges.map((edge) => rank.get(edge.destination)).filter((value) => value > rank.get(node.id));
    if (!node.inEdges.length && after.length) rank.set(node.id, Math.min(...after) - 1);
  }
  const layers = [];
  for (const node of graph) (layers[rank.get(node.id)] ||= []).push(node);
  return untangled(layers.filter(Boolean));
}

function untangled(layers) {
  // Each layer is ordered by where its neighbours to the left stand: fewer crossings, and stable.
  for (let at = 1; at < layers.length; at += 1) {
    const spot = new Map(layers.slice(0, at).flatMap((layer) => layer.map((node, index) => [node.id, index / layer.length])));
    const weight = (node) => {
      const known = node.inEdges.map((edge) => spot.get(edge.origin)).filter((value) => value !== undefined);
      return known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : 1;
    };
    layers[at] = layers[at].map((node) => [weight(node), node]).sort((a, b) => a[0] - b[0]).map((pair) => pair[1]);
  }
  return layers;
}

function key(namespace, dataset, field) { return JSON.stringify([namespace, dataset, field]); }

function datasetCard(data, buttons, choose, reveals) {
  const row = (field) => {
    const button = element("button", { type: "button", "aria-pressed": "false",
      onclick: () => choose(data.namespace, data.name, field.name) },
      name(field.name), element("span", { class: "type" }, field.type || ""));
    buttons.set(key(data.namespace, data.name, field.name), button);
    return element("li", {}, button);
  };
  const fields = data.fields.map(row);
  const list = element("ul", { class: "columns", "aria-label": `Columns of ${data.name}` }, ...fields);
  const rest = fields.slice(MOST_COLUMNS);
  rest.forEach((item) => { item.hidden = true; });
  const fold = rest.length ? element("button", { class: "fold", type: "button", onclick: () => {
    rest.forEach((item) => { item.hidden = false; });
    fold.remove();
    if (redraw) redraw();
  } }, `and ${rest.length} more columns`) : null;
  if (fold) list.append(element("li", {}, fold));
  // A dataset whose schema nobody declared still has the columns that lineage speaks of.
  reveals.set(key(data.namespace, data.name), (field) => { list.append(row({ name: field })); });
  return element("article", { class: "card" },
    element("header", {}, element("div", { class: "kind" }, "dataset"),
      element("h3", {}, named("dataset", data)), element("span", { class: "minor name" }, data.namespace)),
    list);
}

function jobCard(data) {
  const state = data.latestRun?.state;
  return element("article", { class: "card is-job" },
    element("header", {}, element("div", { class: "kind" }, "job", state ? element("span", { class: "state " + state }, STATES[state] || "") : null),
      element("h3", {}, named("job", data)), element("span", { class: "minor name" }, data.namespace),
      gaps(data.latestRun?.facets?.riverhead_coverage)));
}

function curve(svg, from, to, className) {
  const box = svg.getBoundingClientRect();
  const [start, end] = [from.getBoundingClientRect(), to.getBoundingClientRect()];
  if (!start.width || !end.width) return;
  const isForward = end.left >= start.right;
  const [x1, y1] = [(isForward ? start.right : start.left) - box.left, start.top + start.height / 2 - box.top];
  const [x2, y2] = [(isForward ? end.left : end.right) - box.left, end.top + end.height / 2 - box.top];
  const bend = Math.max(36, Math.abs(x2 - x1) / 2) * (isForward ? 1 : -1);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`);
  if (className) path.setAttribute("class", className);
  svg.append(path);
}

async function showLineage(view, kind, namespace, called, column) {
  const { graph } = await ask("/api/v1/lineage", { nodeId: `${kind}:${namespace}:${called}`, depth: DEPTH });
  if (view !== drawing) return;
  const buttons = new Map();
  const reveals = new Map();
  const cards = new Map();
  const river = element("div", { class: "river" });
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("aria-hidden", "true");
  const answer = element("section", { "aria-live": "polite" });
  const choose = (...chosen) => { history.replaceState(null, "", address(kind, namespace, called, JSON.stringify(chosen))); focusColumn(...chosen); };
  let links = [];
  redraw = () => {
    svg.replaceChildren();
    for (const node of graph) for (const edge of node.outEdges) {
      if (cards.has(edge.destination)) curve(svg, cards.get(node.id), cards.get(edge.destination));
    }
    for (const link of links) {
      const [source, output] = [link.source, link.output].map((end) => buttons.get(key(end.namespace, end.dataset, end.field)));
      if (source && output) curve(svg, source, output, link.type === "DIRECT" ? "column" : "column is-indirect");
    }
  };
  async function focusColumn(...chosen) {
    status.textContent = `Tracing ${chosen[2]}`;
    const exact = { namespace: chosen[0], dataset: chosen[1], field: chosen[2] };
    const [up, down] = await Promise.all([ask("/api/v2/upstream", exact), ask("/api/v2/downstream", exact)]);
    if (view !== drawing) return;
    links = [...up.links, ...down.links];
    for (const end of links.flatMap((link) => [link.source, link.output])) {
      if (!buttons.has(key(end.namespace, end.dataset, end.field))) reveals.get(key(end.namespace, end.dataset))?.(end.field);
    }
    highlight(buttons, chosen, up.links, down.links);
    river.classList.add("has-choice");
    answer.replaceChildren(...columnAnswer(chosen, up, down));
    status.textContent = `${up.links.length} sources and ${down.links.length} targets of ${chosen[2]}`;
    redraw();
  }
  for (const layer of layersOf(graph)) {
    const made = layer.map((node) => {
      const card = node.type === "JOB" ? jobCard(node.data) : datasetCard(node.data, buttons, choose, reveals);
      if (node.type.toLowerCase() === kind && node.data.name === called && node.data.namespace === namespace) card.classList.add("is-asked");
      cards.set(node.id, card);
      return card;
    });
    river.append(element("div", { class: "layer" }, ...made));
  }
  river.prepend(svg);
  const scroll = element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Lineage" }, river);
  show(element("h1", {}, name(called)), element("p", { class: "lead" }, `${kind} in `, name(namespace)), scroll,
    element("ul", { class: "legend" }, element("li", {}, element("i", {}), "its value comes from there"),
      element("li", {}, element("i", { class: "dashed" }), "it decides: a filter, a join, a grouping, an order"),
      element("li", {}, "Choose a column to see where it comes from and where it goes.")), answer);
  new ResizeObserver(() => redraw && redraw()).observe(river);
  redraw();
  const asked = river.querySelector(".is-asked");
  if (asked && scroll.scrollWidth > scroll.clientWidth) scroll.scrollLeft = asked.offsetLeft + asked.parentElement.offsetLeft - scroll.clientWidth / 2;
  if (column) await focusColumn(...columnIn(column));
}

function columnIn(text) {
  try { return JSON.parse(text); } catch { throw new Error("This address names no column; choose one from its dataset."); }
}

function highlight(buttons, chosen, upstream, downstream) {
  const told = new Map();
  for (const [links, side] of [[upstream, "source"], [downstream, "output"]]) for (const link of links) {
    const end = link[side];
    const id = key(end.namespace, end.dataset, end.field);
    if (!told.has(id)) told.set(id, { kinds: new Set(), isDirect: false });
    told.get(id).kinds.add(SHORT[link.subtype]);
    told.get(id).isDirect ||= link.type === "DIRECT";
  }
  for (const [id, button] of buttons) {
    const tale = told.get(id);
    const isChosen = id === key(...chosen);
    button.className = isChosen ? "is-chosen" : tale ? (tale.isDirect ? "is-direct" : "is-indirect") : "";
    button.setAttribute("aria-pressed", String(isChosen));
    button.dataset.type ??= button.lastChild.textContent;
    const isTold = tale && !isChosen;
    button.lastChild.className = isTold ? "tells" : "type";
    button.lastChild.textContent = isTold ? [...tale.kinds].join(", ") : button.dataset.type;
    if (tale || isChosen) button.parentElement.hidden = false;
  }
}

function columnName(end) {
  return [element("a", { href: address("dataset", end.namespace, end.dataset) }, name(`${end.dataset}.${end.field}`)),
    element("span", { class: "minor name" }, end.namespace)];
}

function linkRow(link) {
  const how = WORDS[link.subtype] + (link.masking ? " (masked)" : "");
  return element("tr", {}, cell("", ...columnName(link.output)),
    element("td", { "data-label": "" }, element("span", { class: link.type === "DIRECT" ? "how" : "how is-indirect" }, how),
      link.description ? element("span", { class: "minor mono name" }, link.description) : null),
    cell("", ...columnName(link.source)), cell("by job", named("job", link.job)));
}

function datasetRow(link) {
  return element("tr", {}, cell("", name(link.output.dataset)),
    element("td", {}, element("span", { class: "how is-indirect" }, "made, in ways not recorded, from")),
    cell("", element("a", { href: address("dataset", link.source.namespace, link.source.dataset) }, name(link.source.dataset))),
    cell("by job", named("job", link.job)));
}

function columnAnswer(chosen, up, down) {
  const headings = ["Column", "How", "Source", "Job"];
  const directFirst = (links) => [...links].sort((a, b) => (a.type === "DIRECT" ? 0 : 1) - (b.type === "DIRECT" ? 0 : 1));
  const sources = [...directFirst(up.links).map(linkRow), ...up.datasetLinks.map(datasetRow)];
  const targets = directFirst(down.links).map(linkRow);
  return [
    element("h2", {}, "Where ", name(chosen[2]), " comes from"),
    sources.length ? table("Where it comes from", headings, sources) : notice("Nothing upstream of it is known."),
    element("h2", {}, "Where ", name(chosen[2]), " goes"),
    targets.length ? table("Where it goes", headings, targets) : notice("Nothing downstream of it is known."),
  ];
}

// ---- which view

async function route() {
  const view = (drawing += 1);
  redraw = null;
  const [kind, ...parts] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  const current = { "": "runs", job: "jobs", jobs: "jobs", dataset: "datasets", datasets: "datasets" }[kind];
  for (const link of document.querySelectorAll("nav a")) {
    if (link.dataset.view === current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (location.hash === "#main") return;
  try {
    if (kind === "datasets" || kind === "jobs") await showList(view, kind.slice(0, -1));
    else if ((kind === "dataset" || kind === "job") && parts.length >= 2) await showLineage(view, kind, ...parts);
    else await showRuns(view);
    document.title = `${main.querySelector("h1").textContent} · Riverhead`;
  } catch (failure) {
    if (view === drawing) show(element("h1", {}, "Not shown"), notice(failure.message, true));
  }
}

window.addEventListener("hashchange", () => { main.focus({ preventScroll: true }); route(); });
route();
