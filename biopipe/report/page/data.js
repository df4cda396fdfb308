const content = JSON.parse(byId('content').textContent);
const { labels, assertions, graph, documents } = content;
const concepts = content.concepts.id.map((id, place) => ({
  place,
  id,
  name: content.concepts.name[place],
  label: labels[content.concepts.label[place]],
  documents: content.concepts.documents[place],
  mentions: content.concepts.mentions[place],
  years: pairsOf(content.concepts.years[place]),
}));
// Offsets count code points, JavaScript's strings UTF-16 units.
for (const one of documents) one.points = /[\ud800-\udfff]/.test(one.text || '') ? Array.from(one.text) : null;

const facts = graph.facts.map(([edge, document, year, score, novel, acts, assertion, ...spans]) => ({
  edge, document, year, score, novel, acts, assertion, spans: pairsOf(spans),
}));
const edges = graph.edges.map(([first, second, label, count, chance], place) => ({
  place, first: concepts[first], second: concepts[second], label, documents: count, chance, facts: [],
}));
for (const fact of facts) edges[fact.edge].facts.push(fact);
graph.together.forEach((places, number) => {
  const edge = edges[edges.length - graph.together.length + number];
  edge.facts = places.map((document) => ({
    edge: edge.place, document, year: yearOf(documents[document]), score: 100, novel: 0, acts: 0, assertion: 0, spans: [],
  }));
});
const relationLabels = [...new Set(edges.filter((edge) => edge.label).map((edge) => edge.label))];
const spanOfYears = content.years.length
  ? [content.years[0][0], content.years[content.years.length - 1][0]] : null;

function pairsOf(numbers) {
  const pairs = [];
  for (let place = 0; place < numbers.length; place += 2) pairs.push([numbers[place], numbers[place + 1]]);
  return pairs;
}

function yearOf(one) {
  return Number((one.date || '').slice(0, 4)) || 0;
}

function slice(one, start, end) {
  return one.points ? one.points.slice(start, end).join('') : one.text.slice(start, end);
}

function lengthOf(one) {
  return one.points ? one.points.length : one.text.length;
}

function titleOf(one) {
  if (one.text === undefined) return one.id;
  if (one.title) return slice(one, ...one.title).trim() || one.id;
  return one.sentences.length ? slice(one, one.sentences[0], one.sentences[1]) : one.id;
}

function mentionOf([start, end, label, score, bits, ...places]) {
  return { start, end, label: labels[label], score, bits, concepts: places.map((place) => concepts[place]) };
}

function assertionsOf(bits) {
  return assertions.filter((_, place) => bits & (1 << place));
}
