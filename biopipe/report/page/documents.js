const DOCUMENT_ROWS = 60;
let documentRows = DOCUMENT_ROWS;
let opened = -1;

function prepareDocuments() {
  byId('document-search').addEventListener('input', later(() => {
    documentRows = DOCUMENT_ROWS;
    listDocuments();
  }));
}

function haystack(one) {
  if (!one.haystack) {
    const named = [...new Set(one.mentions.flatMap((row) => row.slice(5)))].map((place) => `${concepts[place].name} ${concepts[place].id}`);
    one.haystack = [one.id, one.date, one.text || one.words.join(' '), ...named].join('\n').toLowerCase();
  }
  return one.haystack;
}

function listDocuments() {
  const asked = byId('document-search').value.toLowerCase().split(/\s+/).filter(Boolean);
  const matching = documents.map((one, place) => place).filter((place) => asked.every((word) => haystack(documents[place]).includes(word)));
  const all = content.cut.documents[1];
  fill('document-count', `${plural(matching.length, 'document')}${asked.length ? ' match' : ''}; ${whole(documents.length)} of ${whole(all)} are in this page.`);
  fill('document-list', matching.slice(0, documentRows).map((place) => element('li', {}, documentButton(place))));
  if (matching.length > documentRows) {
    byId('document-list').append(element('li', {}, button(`Show ${Math.min(DOCUMENT_ROWS, matching.length - documentRows)} more`, () => {
      documentRows += DOCUMENT_ROWS;
      listDocuments();
    }, { class: 'more' })));
  }
  markOpened();
}

function documentButton(place) {
  const one = documents[place];
  return element('button', { type: 'button', class: 'edge', 'data-document': place, on: { click: () => go('documents', place) } },
    element('b', {}, titleOf(one)),
    element('small', {}, [one.id, one.date, plural(one.mentions.length, 'mention')].filter(Boolean).join(' · ')));
}

function searchDocuments(concept) {
  byId('document-search').value = concept.id;
  documentRows = DOCUMENT_ROWS;
  go('documents');
  listDocuments();
}

function showDocument(place) {
  const one = documents[place];
  opened = one ? place : -1;
  markOpened();
  if (!one) {
    fill('document', element('p', { class: 'quiet' }, 'Choose a document from the list.'));
    return;
  }
  const present = labels.filter((label) => one.mentions.some((row) => labels[row[2]] === label));
  const hasTitle = one.title && one.text !== undefined;
  fill('document',
    element('h2', { tabindex: -1 }, hasTitle ? markedText(one, ...one.title) : one.id),
    element('p', { class: 'meta' }, element('code', {}, one.id), one.date ? element('span', { class: 'badge' }, one.date) : '',
      present.map(labelName), ' ', assertionKey(one)),
    (one.limits || []).map((limit) => element('p', { class: 'warning' }, `Cut short in the run: ${limit}`)),
    one.text === undefined ? [element('p', { class: 'quiet' }, 'The text is not in this page; the words of its mentions are:'), mentionWords(one)]
      : element('p', { class: 'reading' }, markedText(one, hasTitle ? afterTitle(one) : 0, lengthOf(one))),
    statedIn(place));
  byId('document').scrollTop = 0;
  byId('document').querySelector('h2').focus({ preventScroll: true });
}

function afterTitle(one) {
  const rest = slice(one, one.title[1], lengthOf(one));
  return one.title[1] + rest.length - rest.trimStart().length;
}

function assertionKey(one) {
  const bits = one.mentions.reduce((all, row) => all | row[4], 0);
  return assertionsOf(bits).map((mark) => element('span', { class: 'badge' }, `${mark.sign} ${mark.words}`));
}

function statedIn(place) {
  const stated = facts.filter((fact) => fact.document === place).map((fact) => edges[fact.edge]);
  if (!stated.length) return '';
  return [element('h3', {}, 'Relations of the graph that it states'),
    element('ul', { class: 'plain' }, stated.map((edge) => element('li', {}, edgeButton(edge))))];
}

function markOpened() {
  for (const item of byId('document-list').querySelectorAll('[data-document]')) {
    item.setAttribute('aria-current', String(Number(item.dataset.document) === opened));
  }
}
