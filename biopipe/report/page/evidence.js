const EVIDENCE_ROWS = 25;

function edgeWords(edge, acts) {
  const [from, to] = acts === 2 ? [edge.second, edge.first] : [edge.first, edge.second];
  const sign = edge.label ? (acts ? '→' : '–') : '+';
  return [from.name, sign, to.name];
}

function edgeButton(edge, passed) {
  const { acts, count, least } = passed || { acts: direction(edge.facts), count: edge.documents, least: false };
  const note = `${edge.label ? words(edge.label) : 'named together'} · ${least ? 'at least ' : ''}${plural(count, 'document')}`;
  return element('button', { type: 'button', class: 'edge', 'data-edge': edge.place, on: { click: () => go('graph', edge.place) } },
    element('b', {}, edgeWords(edge, acts).join(' ')), element('small', {}, note));
}

function listEdges(concept) {
  const shown = concept ? drawn.filter(({ edge }) => edge.first === concept || edge.second === concept) : drawn;
  fill('evidence',
    element('h2', { tabindex: -1 }, concept ? `Edges of ${concept.name}` : 'Edges, those of most documents first'),
    concept ? element('p', {}, button('About this concept', () => go('concepts', concept.place), {}),
      button('This concept alone', () => focusOn(concept), {}), button('All edges', () => { network.elements().removeClass('aside picked'); listEdges(); }, {})) : '',
    element('ul', { class: 'plain' }, shown.map((passed) => element('li', {}, edgeButton(passed.edge, passed)))));
}

function showEvidence(place) {
  const edge = edges[place];
  if (!edge) return;
  const passed = drawn.find((one) => one.edge === edge) || { edge, facts: edge.facts, count: edge.documents, acts: direction(edge.facts), least: false };
  pick(place);
  const kept = passed.facts.filter((fact) => fact.document >= 0);
  const items = element('ol', { class: 'plain' });
  fill('evidence',
    element('p', {}, button('← All edges', () => { go('graph'); pick(-1); listEdges(); }, {})),
    element('h2', { tabindex: -1 }, edgeWords(edge, passed.acts).join(' ')),
    element('p', {}, edge.label ? words(edge.label) : 'named together', ' · ', `${passed.least ? 'at least ' : ''}${plural(passed.count, 'document')}`,
      passed.count < edge.documents ? ` that pass the filters, of ${whole(edge.documents)}` : ''),
    edge.label ? '' : element('p', { class: 'quiet' }, `If the two were independent, about ${edge.chance < 10 ? edge.chance.toFixed(1) : whole(Math.round(edge.chance))} would name both.`),
    element('p', {}, button(edge.first.name, () => go('concepts', edge.first.place), { class: 'link' }), ' · ', button(edge.second.name, () => go('concepts', edge.second.place), { class: 'link' })),
    items);
  showMoreEvidence(items, edge, kept, 0);
  if (kept.length < passed.facts.length) items.after(element('p', { class: 'quiet' }, `${plural(passed.facts.length - kept.length, 'further document')} cannot be opened in this page.`));
  byId('evidence').scrollTop = 0;
  byId('evidence').querySelector('h2').focus({ preventScroll: true });
}

function showMoreEvidence(items, edge, kept, from) {
  const wanted = new Set([edge.first.place, edge.second.place]);
  for (const fact of kept.slice(from, from + EVIDENCE_ROWS)) items.append(evidenceItem(fact, wanted, Boolean(edge.label)));
  const next = from + EVIDENCE_ROWS;
  if (next < kept.length) {
    const more = element('li', {}, button(`Show ${Math.min(EVIDENCE_ROWS, kept.length - next)} more`, () => {
      more.remove();
      showMoreEvidence(items, edge, kept, next);
    }, { class: 'more' }));
    items.append(more);
  }
}

function evidenceItem(fact, wanted, isRelation) {
  const one = documents[fact.document];
  const badges = isRelation ? [
    element('span', { class: 'badge' }, `score ${(fact.score / 100).toFixed(2)}`),
    fact.novel === 1 ? element('span', { class: 'badge' }, 'novel') : '',
    ...assertionsOf(fact.assertion).map((mark) => element('span', { class: 'badge' }, `${mark.sign} ${mark.words}`)),
  ] : [];
  const sentences = sentencesWith(one, fact.spans, wanted);
  return element('li', { class: 'item' },
    sentences.length ? element('blockquote', {}, sentences.flatMap(([start, end], place) => [
      place && start > sentences[place - 1][1] + 1 ? ' … ' : place ? ' ' : '', markedText(one, start, end, wanted)]))
      : one.words ? mentionWords(one) : element('p', { class: 'quiet' }, 'No sentence.'),
    element('p', { class: 'meta' }, ...badges, fact.year ? element('span', { class: 'badge' }, String(fact.year)) : '',
      button(`Open ${one.id}`, () => go('documents', fact.document), { class: 'link' })));
}
