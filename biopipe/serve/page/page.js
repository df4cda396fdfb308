// Sends the text to this server and shows what comes back.

import {
  Characters, Palette, activate, element, facts_list, groupConcepts, score, showConcepts,
  showLegend, showMarks, showMention, showText,
} from "/annotations.js";
import { inWords, showGraph, words } from "/graph.js";

const EXAMPLE =
  "Response to imatinib in patients with a BCR-ABL1 T315I clone. Chronic myeloid leukaemia (CML) is " +
  "driven by the BCR-ABL1 fusion kinase, and imatinib controls it in most patients. Fifteen of 84 " +
  "adults lost their response, and sequencing found T315I, which confers resistance to imatinib. " +
  "Ponatinib inhibited the growth of K562 cells that carry T315I. There was no evidence of " +
  "pancreatitis, but ponatinib may cause hypertension.";
const ENDINGS = { json: "json", pubtator: "pubtator", bioc: "bioc.json" };
const by = (id) => document.getElementById(id);
let palette;
let shown = null; // the answer on the page: document, characters, groups, sent

async function start() {
  const [colours, about] = await Promise.all([getJson("/colours.json"), getJson("/pipelines")]);
  palette = new Palette(colours);
  for (const { name } of about.pipelines) by("pipeline").append(element("option", {}, name));
  by("request").addEventListener("submit", (event) => {
    event.preventDefault();
    annotate();
  });
  by("text").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) annotate();
  });
  by("text").addEventListener("input", showSize);
  by("example").addEventListener("click", () => {
    by("text").value = EXAMPLE;
    showSize();
    annotate();
  });
  for (const button of document.querySelectorAll("[data-format]")) {
    button.addEventListener("click", () => download(button.dataset.format));
  }
  showSize();
}

async function getJson(address) {
  const response = await fetch(address);
  return response.json();
}

function post(request) {
  return fetch("/annotate", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
  });
}

function showSize() {
  const size = Array.from(by("text").value).length;
  by("size").textContent = size ? `${size.toLocaleString("en")} characters` : "Ctrl + Enter sends";
}

function tell(sentence, failed = false) {
  by("status").textContent = sentence;
  by("status").classList.toggle("failed", failed);
}

async function annotate() {
  const sent = { text: by("text").value, pipeline: by("pipeline").value };
  if (!sent.text.trim()) return tell("Paste a text first.", true);
  by("annotate").disabled = true;
  tell("Annotating …");
  const began = performance.now();
  try {
    const response = await post(sent);
    const answer = await response.json();
    const problem = answer.error ?? answer.documents[0].error;
    if (problem) return tell(problem, true);
    show(answer.documents[0], sent);
    tell(`Done in ${((performance.now() - began) / 1000).toFixed(2)} s`);
  } catch (error) {
    tell("The server does not answer.", true);
  } finally {
    by("annotate").disabled = false;
  }
}

function show(annotated, sent) {
  const characters = new Characters(annotated.text);
  const groups = groupConcepts(annotated, characters);
  shown = { document: annotated, characters, groups, sent };
  hidden.clear();
  showText(by("annotated"), annotated, characters, palette, selectMention);
  showLegend(by("legend"), annotated, palette, toggleLabel);
  showMarks(by("marks"), annotated, palette);
  showConcepts(by("concepts").tBodies[0], groups, palette, selectConcept);
  by("concept-count").textContent = String(groups.length);
  showRelations();
  by("results").hidden = false;
  if (annotated.mentions.length) selectMention(0);
  else by("details").replaceChildren(element("p", { class: "quiet" }, "No mentions in this text."));
}

function showRelations() {
  const relations = shown.document.relations;
  by("relation-count").textContent = relations.length
    ? String(relations.length)
    : "none in this text";
  by("relations").hidden = !relations.length;
  showGraph(by("graph"), relations, palette, { onRelation: selectRelation, onConcept: selectId });
  by("relations").tBodies[0].replaceChildren(
    ...relations.map((relation, index) => {
      const row = element("tr", { tabindex: "0" },
        element("td", {}, relation.head_name || relation.head),
        element("td", {}, direction(relation), words(relation.label), ...signs(relation)),
        element("td", {}, relation.tail_name || relation.tail),
        element("td", { class: "number" }, relation.score.toFixed(2)));
      activate(row, () => selectRelation(index));
      return row;
    }),
  );
}

function direction(relation) {
  if (!relation.subject) return "";
  return relation.subject === relation.head ? "→ " : "← ";
}

function signs(relation) {
  const said = palette.marks(relation.assertion).map(({ words: said }) => said);
  return said.length ? [element("span", { class: "quiet" }, ` (${said.join(", ")})`)] : [];
}

function marksOf(indices) {
  return indices.map((index) => by("annotated").querySelector(`[data-index="${index}"]`))
    .filter(Boolean);
}

function clearSelection() {
  for (const selected of document.querySelectorAll(".selected")) {
    selected.classList.remove("selected");
  }
}

function selectMention(index) {
  clearSelection();
  const mention = shown.document.mentions[index];
  const place = shown.groups.findIndex((group) => group.mentions.includes(index));
  by("concepts").tBodies[0].rows[place]?.classList.add("selected");
  for (const mark of marksOf([index])) mark.classList.add("selected");
  showMention(by("details"), mention, shown.characters, palette);
}

function selectConcept(group) {
  selectMention(group.mentions[0]);
  for (const mark of marksOf(group.mentions)) mark.classList.add("selected");
  marksOf(group.mentions)[0]?.scrollIntoView({ block: "nearest" });
}

function selectId(id) {
  const group = shown.groups.find(({ ids }) => ids.includes(id));
  if (group) selectConcept(group);
}

function selectRelation(index) {
  clearSelection();
  const relation = shown.document.relations[index];
  by("relations").tBodies[0].rows[index].classList.add("selected");
  by("graph").querySelector(`.edge[data-index="${index}"]`)?.classList.add("selected");
  const ends = shown.groups.filter(({ ids }) =>
    ids.includes(relation.head) || ids.includes(relation.tail));
  for (const mark of marksOf(ends.flatMap((group) => group.mentions))) {
    mark.classList.add("selected");
  }
  const said = palette.marks(relation.assertion).map(({ words: said }) => said);
  const facts = [
    ["Relation", inWords(relation)],
    ["Score", score(relation.score)],
    ["Assertion", said.length ? said.join(", ") : "stated"],
  ];
  if (relation.novel !== undefined) facts.push(["Novel finding", relation.novel ? "yes" : "no"]);
  by("details").replaceChildren(
    element("div", { class: "row" },
      palette.chip(relation.head_label, relation.head_name || relation.head),
      "–",
      palette.chip(relation.tail_label, relation.tail_name || relation.tail)),
    facts_list(facts),
    element("h3", {}, "Evidence"),
    ...(relation.evidence ?? []).map(({ start, end }) =>
      element("blockquote", {}, shown.characters.slice(start, end))),
  );
}

const hidden = new Set();

function toggleLabel(label, visible) {
  if (visible) hidden.delete(label);
  else hidden.add(label);
  hideLabels();
}

function hideLabels() {
  for (const mark of by("annotated").querySelectorAll(".mention")) {
    mark.classList.toggle("muted", hidden.has(mark.dataset.label));
  }
}

async function download(format) {
  const response = await post({ ...shown.sent, format });
  if (!response.ok) return tell((await response.json()).error, true);
  const address = URL.createObjectURL(await response.blob());
  element("a", { href: address, download: `annotated.${ENDINGS[format]}` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

start();
