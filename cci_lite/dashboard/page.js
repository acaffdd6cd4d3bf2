"use strict";
(() => {
// Everything that comes from a call goes into the page as text, never as markup.

const NONE = "(none)";
const TOP = 15;
const ERRORS = 1; // Vega's level that is silent about hints
const LABELS = ["NEGATIVE", "MIXED", "NEUTRAL", "POSITIVE"];
const TITLES = {
  sentiment: "Sentiment, calls a day", quality: "QA score, mean a day", tone: "Tone", outcome: "Outcome",
  phrases: "Top phrases", entities: "Top names, places, dates and amounts",
};
const COLUMNS = [
  ["Started (UTC)", (call) => call.call_started_at], ["Call", (call) => call.call_id], ["Tenant", (call) => call.tenant_id],
  ["Minutes", (call) => call.duration_s / 60], ["Sentiment", (call) => call.sentiment_label],
  ["Outcome", (call) => call.outcome], ["QA", (call) => call.qa_score], ["Summary", (call) => call.summary],
];

const at = (id) => document.getElementById(id);

function make(name, text, ...children) {
  const made = document.createElement(name);
  if (text !== null && text !== undefined) made.textContent = String(text);
  made.append(...children);
  return made;
}

async function unpacked(id) {
  const bytes = Uint8Array.from(atob(at(id).textContent), (each) => each.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

const day = (call) => call.call_started_at.slice(0, 10);
const mean = (numbers) => (numbers.length ? numbers.reduce((sum, each) => sum + each, 0) / numbers.length : null);
const fixed = (number, digits) => (number === null ? "–" : number.toFixed(digits));

function tally(names) {
  const counts = new Map();
  for (const [name, count] of names) counts.set(name, (counts.get(name) ?? 0) + count);
  return [...counts].map(([name, count]) => ({ name, count }))
    .sort((one, other) => other.count - one.count || (one.name < other.name ? -1 : 1));
}

function byDay(calls) {
  const days = new Map();
  for (const call of calls) days.set(day(call), [...(days.get(day(call)) ?? []), call]);
  return [...days].sort(([one], [other]) => (one < other ? -1 : 1));
}

// The rows of every chart, counted from the calls that the filters let through.
const COUNTED = {
  sentiment: (calls) => byDay(calls).flatMap(([date, those]) => LABELS.map((label) => (
    { day: date, label, calls: those.filter((call) => call.sentiment_label === label).length }
  ))).filter((row) => row.calls),
  quality: (calls) => byDay(calls.filter((call) => call.qa_score !== null)).map(([date, those]) => (
    { day: date, score: mean(those.map((call) => call.qa_score)), calls: those.length })),
  tone: (calls) => tally(calls.map((call) => [call.tone ?? NONE, 1])).slice(0, TOP),
  outcome: (calls) => tally(calls.map((call) => [call.outcome ?? NONE, 1])).slice(0, TOP),
  phrases: (calls) => tally(calls.flatMap((call) => call.key_phrases)).slice(0, TOP),
  entities: (calls) => tally(calls.flatMap((call) => (
    call.entities.map(([type, text, count]) => [`${text} (${type.toLowerCase()})`, count])))).slice(0, TOP),
};

function numbers(calls) {
  const scores = calls.map((call) => call.qa_score).filter((score) => score !== null);
  const unhappy = calls.filter((call) => call.sentiment_label === "NEGATIVE").length;
  return {
    Calls: calls.length,
    Minutes: fixed(calls.reduce((sum, call) => sum + call.duration_s, 0) / 60, 1),
    Negative: calls.length ? `${fixed((100 * unhappy) / calls.length, 1)} %` : "–",
    "QA score": fixed(mean(scores), 1),
    Cost: `£${fixed(calls.reduce((sum, call) => sum + (call.cost_gbp ?? 0), 0), 2)}`,
  };
}

class Page {
  constructor(told) {
    this.told = told;
    this.views = {};
    this.order = { column: 0, down: true };
  }

  async start(specs) {
    at("made").textContent = `Account ${this.told.account}, ${this.told.region}. Made ${this.told.made_at}.`;
    at("notice").textContent = this.notices().join("\n");
    this.offerTenants();
    this.headings();
    at("charts").append(...Object.keys(specs).map(figure)); // all of them first: they share the width
    this.tell();
    await Promise.all(Object.entries(specs).map(([name, spec]) => this.draw(name, spec)));
    at("filters").addEventListener("input", () => this.show());
    at("filters").addEventListener("reset", () => setTimeout(() => this.show()));
    document.documentElement.dataset.ready = "yes";
  }

  notices() {
    const { incomplete, malformed } = this.told;
    const said = incomplete
      ? [`Made with a limit: calls of ${incomplete} are not all on this page, older ones not at all.`] : [];
    if (malformed.length) said.push(`${malformed.length} results could not be read: ${malformed.join(", ")}`);
    return said;
  }

  offerTenants() {
    const tenants = [...new Set(this.told.calls.map((call) => call.tenant_id))].sort();
    const all = make("option", "all tenants");
    all.value = "";
    at("tenant").append(all, ...tenants.map((each) => make("option", each)));
  }

  headings() {
    const row = at("calls").tHead.rows[0];
    COLUMNS.forEach(([title], column) => {
      const button = make("button", title);
      button.type = "button";
      button.addEventListener("click", () => {
        this.order = { column, down: this.order.column === column ? !this.order.down : false };
        this.list();
      });
      const cell = make("th", null, button);
      cell.scope = "col";
      row.append(cell);
    });
  }

  async draw(name, spec) {
    const place = at(`chart-${name}`).querySelector(".chart");
    const options = { actions: false, ast: true, renderer: "svg", logLevel: ERRORS };
    const filled = { ...spec, background: null, datasets: { [name]: this.rows[name] } };
    this.views[name] = (await vegaEmbed(place, filled, options)).view;
  }

  chosen() {
    const [tenant, from, to] = ["tenant", "from", "to"].map((id) => at(id).value);
    return this.told.calls.filter((call) => (
      (!tenant || call.tenant_id === tenant) && (!from || day(call) >= from) && (!to || day(call) <= to)));
  }

  show() {
    this.tell();
    return Promise.all(Object.entries(this.views).map(([name, view]) => view.data(name, this.rows[name]).runAsync()));
  }

  // Everything but the pictures.
  tell() {
    this.calls = this.chosen();
    this.rows = Object.fromEntries(Object.keys(COUNTED).map((name) => [name, COUNTED[name](this.calls)]));
    at("numbers").replaceChildren(...Object.entries(numbers(this.calls)).map(([name, value]) => (
      make("div", null, make("dt", name), make("dd", value)))));
    this.list();
    for (const [name, rows] of Object.entries(this.rows)) {
      numbersTable(at(`chart-${name}`).querySelector("details table"), rows);
    }
  }

  list() {
    const value = COLUMNS[this.order.column][1];
    const sorted = [...this.calls].sort((one, other) => compared(value(one), value(other)) * (this.order.down ? -1 : 1));
    [...at("calls").tHead.rows[0].cells].forEach((cell, column) => {
      const direction = this.order.down ? "descending" : "ascending";
      cell.setAttribute("aria-sort", column === this.order.column ? direction : "none");
    });
    at("calls").tBodies[0].replaceChildren(...sorted.map((call) => this.row(call)));
  }

  row(call) {
    const cells = COLUMNS.map(([, value]) => make("td", shown(value(call))));
    const button = make("button", call.call_id);
    button.type = "button";
    button.addEventListener("click", () => openCall(call));
    cells[1].replaceChildren(button);
    cells[0].textContent = call.call_started_at.replace("T", " ").replace("Z", "");
    return make("tr", null, ...cells);
  }
}

function figure(name) {
  const place = make("div");
  place.className = "chart";
  const details = make("details", null, make("summary", "Numbers"), make("table"));
  const made = make("figure", null, make("figcaption", TITLES[name]), place, details);
  made.id = `chart-${name}`;
  return made;
}

function compared(one, other) {
  if (one === null || other === null) return (one === null ? 1 : 0) - (other === null ? 1 : 0);
  return one < other ? -1 : one > other ? 1 : 0;
}

const shown = (value) => (value === null ? "–" : typeof value !== "number" || Number.isInteger(value) ? value : fixed(value, 1));

function numbersTable(table, rows) {
  const names = Object.keys(rows[0] ?? {});
  const head = make("tr", null, ...names.map((name) => make("th", name)));
  table.replaceChildren(head, ...rows.map((row) => (
    make("tr", null, ...names.map((name) => make("td", shown(row[name])))))));
}

function listed(title, entries) {
  return entries.length ? [make("h3", title), make("ul", null, ...entries)] : [];
}

function clock(seconds) {
  const whole = Math.floor(seconds ?? 0);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function turn([start, speaker, text]) {
  const row = make("div", null, make("span", clock(start)), make("strong", speaker), make("span", text));
  row.className = "turn";
  return row;
}

function question([asked, answer, points, quote]) {
  const said = quote ? [make("blockquote", `“${quote}”`)] : [];
  return make("li", `${asked} ${answer}, ${points} points`, ...said);
}

function redaction({ redacted }) {
  return redacted === "none" ? "not redacted" : redacted && `redacted by ${redacted}`;
}

function openCall(call) {
  const title = make("h2", call.call_id);
  title.id = "call-title";
  const close = make("button", "Close");
  close.type = "button";
  close.addEventListener("click", () => at("call").close());
  const facts = [call.tenant_id, call.call_started_at, `${clock(call.duration_s)} long`, call.language,
    call.sentiment_label, call.outcome, call.tone && `tone: ${call.tone}`, redaction(call)];
  const about = make("p", facts.filter(Boolean).join(" · "));
  about.className = "quiet";
  at("call").replaceChildren(
    close, title, about, make("p", call.summary ?? "No summary."),
    ...(call.issue ? [make("p", `Issue: ${call.issue}`)] : []),
    ...listed("To do", call.action_items.map(([who, what, when]) => make("li", [who, what, when].filter(Boolean).join(" · ")))),
    ...listed("Questions", call.qa.map(question)),
    ...listed("Categories", call.categories.map((each) => make("li", each))),
    make("h3", "Transcript"), ...call.turns.map(turn),
  );
  at("call").showModal();
}

Promise.all([unpacked("call-data"), unpacked("chart-data")])
  .then(([told, specs]) => new Page(told).start(specs))
  .catch((error) => {
    at("notice").textContent = `The page could not be drawn: ${error}`;
    throw error;
  });
})();
