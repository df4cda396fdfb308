function showOverview() {
  const { counts } = content;
  const relations = Object.values(counts.relations).reduce((sum, count) => sum + count, 0);
  const tiles = [
    ['documents', counts.documents, spanOfYears ? `${spanOfYears[0]} to ${spanOfYears[1]}` : 'without dates', '#/documents'],
    ['mentions', counts.mentions, `${share(counts.linked, counts.mentions)} linked to a concept`, '#/concepts'],
    ['concepts', counts.concepts, plural(labels.filter((label) => label.concepts).length, 'type'), '#/concepts'],
    ['relations', relations, `${share(Object.values(counts.novel).reduce((sum, count) => sum + count, 0), relations)} novel in their document`, '#/graph'],
    ['failed', content.errors.total, content.limits.documents ? `${plural(content.limits.documents, 'document')} cut short` : 'nothing cut short', '#/run'],
  ];
  fill('tiles', tiles.map(([name, count, note, target]) => element('a', { class: 'tile', href: target },
    element('strong', {}, whole(count)), element('span', {}, name), element('small', {}, note))));
  fill('years', spanOfYears
    ? barChart(content.years, chartWidth('years'), 200, 'Documents by year')
    : element('p', { class: 'quiet' }, 'No document of this run has a date, so there is no trend.'));
  if (counts.undated && spanOfYears) byId('years').append(element('p', { class: 'quiet' }, `${plural(counts.undated, 'document')} without a date not shown.`));
  showLabels();
  showRelationLabels(counts, relations);
  showLeading();
  fill('cut', cutSentences().map((sentence) => element('li', {}, sentence)));
}

function chartWidth(id) {
  return Math.max(280, byId(id).clientWidth - 4);
}

function showLabels() {
  const rows = labels.filter((label) => label.mentions).map((label) => [
    labelName(label), whole(label.mentions), share(label.linked, label.mentions), whole(label.concepts)]);
  fill('label-counts', table([['Type', ''], ['Mentions', 'number'], ['Linked', 'number'], ['Concepts', 'number']], rows));
}

function showRelationLabels(counts, all) {
  const rows = Object.entries(counts.relations).map(([label, count]) => [
    words(label), whole(count), share(count, all), share(counts.novel[label] || 0, count)]);
  fill('relation-counts', rows.length
    ? table([['Relation', ''], ['Count', 'number'], ['Share', 'number'], ['Novel', 'number']], rows)
    : element('p', { class: 'quiet' }, 'This run has no relations.'));
}

function showLeading() {
  fill('leading', labels.filter((label) => label.concepts).map((label) => {
    const first = content.listed.map((place) => concepts[place]).filter((concept) => concept.label === label).slice(0, 6);
    return element('section', { class: 'card' }, element('h3', {}, labelName(label)),
      element('ol', {}, first.map((concept) => element('li', {},
        button(concept.name, () => go('concepts', concept.place), { class: 'link' }),
        element('span', { class: 'quiet' }, whole(concept.documents))))));
  }));
}

// Sentences of all that the page does not hold; none where it holds everything.
function cutSentences() {
  const { cut } = content;
  const sentences = [];
  const less = ([kept, all]) => kept < all;
  if (less(cut.documents)) sentences.push(`${whole(cut.documents[0])} of ${whole(cut.documents[1])} documents can be opened: first the surest evidence of every edge of the graph, then the first documents of the run. All counts and trends are of all documents.`);
  if (less(cut.concepts)) sentences.push(`${whole(cut.concepts[0])} of ${plural(cut.concepts[1], 'concept')} are ranked: of each type the ${whole(cut.per_label)} that most documents name.`);
  if (less(cut.relations)) sentences.push(`The graph draws from ${whole(cut.relations[0])} of ${plural(cut.relations[1], 'relation')} between concepts: those that most documents state.`);
  if (less(cut.together)) sentences.push(`It draws from ${whole(cut.together[0])} of ${plural(cut.together[1], 'pair')} of its concepts that are named together: those furthest above chance (log likelihood ratio). Its concepts are ${whole(cut.nodes[0])} of ${whole(cut.nodes[1])}.`);
  if (edges.some((edge) => edge.facts.length < edge.documents)) sentences.push(`Of one edge at most ${whole(cut.evidence)} documents are kept, the surest ones; where there are more, filters count in those kept and say “at least”.`);
  if (content.counts.unlinked_relations) sentences.push(`${plural(content.counts.unlinked_relations, 'relation')} with an end that no knowledge base has are counted but not drawn.`);
  if (!cut.texts) sentences.push('The texts were left out of this page: it shows the words of mentions alone.');
  else if (cut.missing) sentences.push(`The texts of ${plural(cut.missing, 'document')} were not found where the run read them${cut.changed ? ` (${whole(cut.changed)} are other texts now)` : ''}: of these the page shows the words of mentions alone.`);
  return sentences.length ? sentences : ['Nothing: every document, concept and relation of the run is here.'];
}
