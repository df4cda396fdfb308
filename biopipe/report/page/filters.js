// What of the graph is shown: filters act on the evidence, and an edge stays while it has enough.
const FILTERS = {
  kind: 'relations', edges: '60', least: '1', score: '0', novelty: 'any', assertion: 'any', direction: 'any', from: '', to: '', focus: '',
};
const hidden = { labels: new Set(), relations: new Set() };
let focused = null;

function prepareFilters() {
  const form = byId('filters');
  const redraw = later(drawGraph);
  form.addEventListener('input', redraw);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', () => {
    hidden.labels.clear();
    hidden.relations.clear();
    focused = null;
    setTimeout(() => {
      for (const box of form.querySelectorAll('input[type=checkbox]')) box.checked = true;
      drawGraph();
    });
  });
  const used = new Set(edges.flatMap((edge) => [edge.first.label, edge.second.label]));
  fill('filter-labels', labels.filter((label) => used.has(label)).map((label) => checkbox(label.name, labelName(label), hidden.labels, label)));
  fill('filter-relations', relationLabels.map((label) => checkbox(label, words(label), hidden.relations, label)));
  fill('filter-assertion', option('any', 'any'), option('plain', 'plain statements alone'),
    assertions.map((assertion) => option(assertion.name, `${assertion.sign} ${assertion.words}`)));
  if (spanOfYears) {
    for (const end of ['from', 'to']) {
      const field = form.elements[end];
      [field.min, field.max] = spanOfYears;
      field.placeholder = spanOfYears[end === 'from' ? 0 : 1];
    }
  } else byId('filter-years').disabled = true;
  byId('filter-direction').disabled = !graph.directed;
  byId('no-direction').hidden = graph.directed;
  const inGraph = [...new Set(edges.flatMap((edge) => [edge.first, edge.second]))];
  fill('focus-names', inGraph.map((concept) => element('option', { value: concept.name }, `${concept.label.name} ${concept.id}`)));
}

function checkbox(value, shown, without, item) {
  const box = element('input', { type: 'checkbox', checked: true, value, on: { change: () => (box.checked ? without.delete(item) : without.add(item)) } });
  return element('label', {}, box, shown);
}

const option = (value, text) => element('option', { value }, text);

function filterValues() {
  const given = Object.fromEntries(new FormData(byId('filters')));
  const values = { ...FILTERS, ...given };
  const named = values.focus.trim().toLowerCase();
  if (focused && focused.name.toLowerCase() !== named) focused = null;
  if (!focused && named) focused = concepts.find((concept) => concept.name.toLowerCase() === named || concept.id.toLowerCase() === named) || null;
  return {
    ...values, edges: Number(values.edges), least: Math.max(1, Number(values.least) || 1), score: Number(values.score),
    from: Number(values.from) || 0, to: Number(values.to) || 9999, focus: focused,
  };
}

function factFilter(values, together) {
  const bit = 1 << assertions.findIndex((assertion) => assertion.name === values.assertion);
  const dated = values.from > 0 || values.to < 9999;
  return (fact) => {
    if (dated && (fact.year < values.from || fact.year > values.to)) return false;
    if (together) return true;
    if (fact.score < values.score) return false;
    if (values.novelty !== 'any' && fact.novel !== (values.novelty === 'novel' ? 1 : 2)) return false;
    if (values.assertion === 'plain' ? fact.assertion : values.assertion !== 'any' && !(fact.assertion & bit)) return false;
    return values.direction === 'any' || (values.direction === 'directed') === fact.acts > 0;
  };
}

function filtersFacts(values, together) {
  if (values.from > 0 || values.to < 9999) return true;
  return !together && (values.score > 0 || [values.novelty, values.assertion, values.direction].some((value) => value !== 'any'));
}

// Edges with the facts that pass, strongest first: {edge, facts, count, least, acts}.
function passingEdges(values) {
  const passing = [];
  for (const edge of edges) {
    const together = !edge.label;
    if (values.kind !== 'both' && together !== (values.kind === 'together')) continue;
    if (hidden.labels.has(edge.first.label) || hidden.labels.has(edge.second.label)) continue;
    if (!together && hidden.relations.has(edge.label)) continue;
    if (values.focus && edge.first !== values.focus && edge.second !== values.focus) continue;
    const filtered = filtersFacts(values, together);
    const kept = filtered ? edge.facts.filter(factFilter(values, together)) : edge.facts;
    const count = filtered ? kept.length : edge.documents;
    if (count < values.least || !count) continue;
    passing.push({ edge, facts: kept, count, least: filtered && edge.facts.length < edge.documents, acts: direction(kept) });
  }
  return passing.sort((a, b) => b.count - a.count || a.edge.place - b.edge.place);
}

// 1 where the evidence has the first end act on the second more often than the other way, 2 the other.
function direction(kept) {
  const first = kept.filter((fact) => fact.acts === 1).length;
  const second = kept.filter((fact) => fact.acts === 2).length;
  return first > second ? 1 : second > first ? 2 : 0;
}
