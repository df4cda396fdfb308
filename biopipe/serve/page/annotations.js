// Mentions in the text, their details, and the concepts they were linked to. Text is only ever set
// as textContent, so that markup in it stays text.

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "class") made.className = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

// Offsets count code points; JavaScript's strings count UTF-16 units.
export class Characters {
  constructor(text) {
    this.points = Array.from(text);
  }
  slice(start, end) {
    return this.points.slice(start, end).join("");
  }
  get length() {
    return this.points.length;
  }
}

export class Palette {
  constructor({ labels, assertions }) {
    this.labels = labels;
    this.assertions = assertions;
  }
  of(label) {
    return this.labels[label] ?? this.labels["*"];
  }
  marks(assertion = []) {
    return assertion.map((name) => this.assertions[name] ?? { sign: name, words: name });
  }
  chip(label, content = label, tag = "span") {
    const chip = element(tag, { class: "chip" }, content);
    chip.style.background = this.of(label).fill;
    chip.style.borderColor = this.of(label).line;
    return chip;
  }
}

// What a mention is linked to: one group for each list of ids, or for each wording without one.
export function groupConcepts(document, characters) {
  const groups = new Map();
  document.mentions.forEach((mention, index) => {
    const surface = characters.slice(mention.start, mention.end);
    const ids = mention.concept_ids ?? [];
    const key = ids.length ? ids.join("|") : `${mention.label}\t${surface.toLowerCase()}`;
    if (!groups.has(key)) {
      const named = (mention.candidates ?? []).find((c) => c.concept_id === ids[0]);
      const name = named?.name ?? surface;
      groups.set(key, { ids, name, label: mention.label, score: 0, mentions: [] });
    }
    const group = groups.get(key);
    group.mentions.push(index);
    const linked = (mention.candidates ?? []).find((c) => c.concept_id === ids[0]);
    group.score = Math.max(group.score, linked?.score ?? 0);
  });
  return [...groups.values()].sort((a, b) => b.mentions.length - a.mentions.length);
}

// Mentions may lie within each other; of two that cross, the later begins where the other ends.
export function showText(place, document, characters, palette, onSelect) {
  const order = document.mentions
    .map((mention, index) => ({ ...mention, index }))
    .sort((a, b) => a.start - b.start || b.end - a.end);
  let next = 0;
  function fill(parent, start, end) {
    let position = start;
    while (next < order.length && order[next].start < end) {
      const mention = order[next++];
      const from = Math.max(mention.start, position);
      const to = Math.min(mention.end, end);
      if (from >= to) continue;
      if (from > position) parent.append(characters.slice(position, from));
      const mark = markFor(mention, palette);
      mark.addEventListener("click", (event) => {
        event.stopPropagation();
        onSelect(mention.index);
      });
      mark.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        event.stopPropagation();
        onSelect(mention.index);
      });
      fill(mark, from, to);
      mark.append(element("span", { class: "tag" }, mention.label));
      mark.lastChild.style.color = palette.of(mention.label).line;
      parent.append(mark);
      position = to;
    }
    if (position < end) parent.append(characters.slice(position, end));
  }
  place.replaceChildren();
  fill(place, 0, characters.length);
}

function markFor(mention, palette) {
  const mark = element("span", { class: "mention", tabindex: "0", role: "button" });
  mark.dataset.index = mention.index;
  mark.dataset.label = mention.label;
  mark.style.background = palette.of(mention.label).fill;
  mark.style.borderColor = palette.of(mention.label).line;
  const marks = palette.marks(mention.assertion);
  const linked = (mention.concept_ids ?? []).join(", ") || "no concept";
  const said = marks.map(({ words }) => words).join(", ");
  mark.title = [`${mention.label} ${mention.score.toFixed(2)}`, linked, said]
    .filter(Boolean)
    .join(" · ");
  for (const { sign } of marks) mark.append(element("span", { class: "sign" }, sign));
  return mark;
}

export function showLegend(place, document, palette, onToggle) {
  const counts = new Map();
  for (const { label } of document.mentions) counts.set(label, (counts.get(label) ?? 0) + 1);
  place.replaceChildren(
    ...[...counts].map(([label, count]) => {
      const chip = palette.chip(label, `${label} ${count}`, "button");
      chip.type = "button";
      chip.title = "Show or hide";
      chip.setAttribute("aria-pressed", "true");
      chip.addEventListener("click", () => {
        const shown = chip.getAttribute("aria-pressed") !== "true";
        chip.setAttribute("aria-pressed", String(shown));
        onToggle(label, shown);
      });
      return chip;
    }),
  );
}

// The signs of assertions that stand in this text, in words.
export function showMarks(place, document, palette) {
  const used = new Set(document.mentions.flatMap((mention) => mention.assertion ?? []));
  place.textContent = palette
    .marks([...used].sort())
    .map(({ sign, words }) => `${sign} ${words}`)
    .join("   ");
}

export function showConcepts(body, groups, palette, onSelect) {
  body.replaceChildren(
    ...groups.map((group) => {
      const row = element("tr", { tabindex: "0" });
      const id = group.ids.length
        ? element("code", {}, group.ids.join(", "))
        : element("span", { class: "quiet" }, "no concept");
      row.append(
        element("td", {}, palette.chip(group.label)),
        element("td", {}, group.name),
        element("td", {}, id),
        element("td", { class: "number" }, String(group.mentions.length)),
        element("td", { class: "number" }, group.score ? group.score.toFixed(2) : "–"),
      );
      activate(row, () => onSelect(group, row));
      return row;
    }),
  );
}

export function activate(target, action) {
  target.addEventListener("click", action);
  target.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      action();
    }
  });
}

export function showMention(place, mention, characters, palette) {
  const facts = [["Score", score(mention.score)]];
  const said = palette.marks(mention.assertion).map(({ words }) => words);
  facts.push(["Assertion", said.length ? said.join(", ") : "affirmed"]);
  if (mention.long_form) facts.push(["Stands for", mention.long_form]);
  if (mention.section) facts.push(["Section", mention.section]);
  if (mention.sources?.length) facts.push(["Found by", mention.sources.join(", ")]);
  facts.push(["Characters", `${mention.start}–${mention.end}`]);
  place.replaceChildren(
    element("div", { class: "row" },
      element("span", { class: "surface" }, characters.slice(mention.start, mention.end)),
      palette.chip(mention.label)),
    facts_list(facts),
    element("h3", {}, "Candidates"),
    candidates(mention),
  );
}

function candidates(mention) {
  const listed = mention.candidates ?? [];
  const ids = mention.concept_ids ?? [];
  if (!listed.length) {
    const text = ids.length ? ids.join(", ") : "None: the pipeline links no concept here.";
    return element("p", { class: "quiet" }, text);
  }
  const rows = listed.map((candidate) => {
    const linked = ids.includes(candidate.concept_id);
    return element("tr", linked ? { class: "linked", title: "linked" } : {},
      element("td", {}, linked ? "✓" : ""),
      element("td", {}, candidate.name, element("br"), element("code", {}, candidate.concept_id)),
      element("td", { class: "number" }, ...score(candidate.score)));
  });
  return element("div", { class: "scroll" }, element("table", {}, element("tbody", {}, ...rows)));
}

export function score(value) {
  const bar = element("meter", { min: "0", max: "1", value: String(value) });
  return [bar, value.toFixed(2)];
}

export function facts_list(facts) {
  const list = element("dl");
  for (const [name, value] of facts) {
    list.append(element("dt", {}, name), element("dd", {}, ...[value].flat()));
  }
  return list;
}
