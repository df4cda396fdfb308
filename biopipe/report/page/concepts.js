const listing = { label: null, order: 'documents', shown: 50 };
const PAGE_ROWS = 50;

function prepareConcepts() {
  const kinds = [[null, 'All types'], ...labels.filter((label) => label.concepts).map((label) => [label, label.name])];
  fill('concept-labels', kinds.map(([label, name]) => button(name, () => {
    listing.label = label;
    listing.shown = PAGE_ROWS;
    listConcepts();
  }, { class: 'choice', colour: label, 'data-label': label ? label.name : '' })));
  byId('concept-search').addEventListener('input', later(() => {
    listing.shown = PAGE_ROWS;
    listConcepts();
  }));
  byId('concept-order').addEventListener('change', (event) => {
    listing.order = event.target.value;
    listConcepts();
  });
}

// Documents a year in the later half of the run's years, less those in the earlier half.
function rise(concept) {
  if (!spanOfYears) return 0;
  const middle = (spanOfYears[0] + spanOfYears[1]) / 2;
  return concept.years.reduce((sum, [year, count]) => sum + (year > middle ? count : -count), 0);
}

const ORDERS = {
  documents: (a, b) => b.documents - a.documents || b.mentions - a.mentions,
  mentions: (a, b) => b.mentions - a.mentions,
  rise: (a, b) => rise(b) - rise(a),
  name: (a, b) => a.name.localeCompare(b.name),
};

function listConcepts() {
  for (const choice of byId('concept-labels').children) {
    choice.setAttribute('aria-pressed', String(choice.dataset.label === (listing.label ? listing.label.name : '')));
  }
  const asked = byId('concept-search').value.trim().toLowerCase();
  const matching = content.listed.map((place) => concepts[place])
    .filter((concept) => !listing.label || concept.label === listing.label)
    .filter((concept) => !asked || concept.name.toLowerCase().includes(asked) || concept.id.toLowerCase().includes(asked))
    .sort(ORDERS[listing.order]);
  const rows = matching.slice(0, listing.shown).map((concept, place) => [
    String(place + 1),
    button(concept.name, () => go('concepts', concept.place), { class: 'link' }),
    labelName(concept.label),
    element('code', {}, concept.id),
    whole(concept.documents),
    whole(concept.mentions),
    sparkline(concept.years, concept.label),
  ]);
  const total = listing.label ? listing.label.concepts : content.counts.concepts;
  fill('concept-count', `${plural(matching.length, 'concept')} listed of ${whole(total)}${matching.length < total && !asked ? ': those that most documents name' : ''}.`);
  fill('concept-table', table([['', 'rank'], ['Concept', ''], ['Type', ''], ['Id', ''], ['Documents', 'number'], ['Mentions', 'number'], ['Trend', '']], rows));
  if (matching.length > listing.shown) {
    byId('concept-table').append(button(`Show ${Math.min(PAGE_ROWS, matching.length - listing.shown)} more`, () => {
      listing.shown += PAGE_ROWS;
      listConcepts();
    }, { class: 'more' }));
  }
}

function showConcept(place) {
  const concept = concepts[place];
  const card = byId('concept-card');
  card.hidden = !concept;
  byId('concepts').classList.toggle('with-card', Boolean(concept));
  if (!concept) return;
  const near = edges.filter((edge) => edge.first === concept || edge.second === concept);
  const holding = documents.map((one, number) => number)
    .filter((number) => documents[number].mentions.some((row) => row.slice(5).includes(place)));
  card.replaceChildren(
    element('header', {}, element('h2', { tabindex: -1 }, concept.name), button('Close', () => go('concepts'), { class: 'close' })),
    element('p', {}, labelName(concept.label), ' ', element('code', {}, concept.id)),
    element('p', {}, `${plural(concept.documents, 'document')}, ${plural(concept.mentions, 'mention')}`),
    concept.years.length ? barChart(concept.years, Math.max(260, card.clientWidth - 40), 150, concept.name) : '',
    element('p', {}, near.length ? button('Show in the graph', () => focusOn(concept), { class: 'primary' }) : null,
      button('Show its documents', () => searchDocuments(concept), {})),
    element('h3', {}, 'Edges in the graph'),
    near.length ? element('ul', { class: 'plain' }, near.slice(0, 30).map((edge) => element('li', {}, edgeButton(edge))))
      : element('p', { class: 'quiet' }, 'None of the edges kept in this page.'),
    element('h3', {}, 'Documents in this page'),
    element('ul', { class: 'plain' }, holding.slice(0, 30).map((number) => element('li', {}, documentButton(number)))),
    holding.length > 30 ? element('p', { class: 'quiet' }, `and ${whole(holding.length - 30)} more`) : '',
  );
  card.querySelector('h2').focus({ preventScroll: true });
}
