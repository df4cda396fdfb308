// The address after # says what is open: #/graph/12 is the evidence of edge 12. The slash keeps the
// browser from scrolling to the part of that name.
const ROOMS = ['overview', 'concepts', 'graph', 'documents', 'run'];
const ready = new Set();
const PREPARE = {
  overview: showOverview,
  concepts: () => { prepareConcepts(); listConcepts(); },
  graph: () => { prepareFilters(); drawGraph(); },
  documents: () => { prepareDocuments(); listDocuments(); },
  run: showRun,
};

function go(room, place) {
  const target = place === undefined ? `#/${room}` : `#/${room}/${place}`;
  if (location.hash === target) open();
  else location.hash = target;
}

function open() {
  const [start, asked, place] = location.hash.split('/');
  if (start === '#main') return;
  const room = ROOMS.includes(asked) ? asked : 'overview';
  if (byId(room).hidden) scrollTo(0, 0);
  for (const name of ROOMS) byId(name).hidden = name !== room;
  for (const link of document.querySelectorAll('nav a')) {
    if (link.hash === `#/${room}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  if (!ready.has(room)) {
    ready.add(room);
    PREPARE[room]();
  }
  const number = place === undefined ? -1 : Number(place);
  if (room === 'concepts') showConcept(number);
  if (room === 'graph' && edges[number]) showEvidence(number);
  if (room === 'documents') showDocument(number);
}

// Colours of charts and of the graph are those of the scheme they were drawn in.
function recolour() {
  if (ready.has('overview')) showOverview();
  if (ready.has('concepts')) listConcepts();
  if (network) drawGraph();
}

cytoscape.use(cytoscapeFcose);
addEventListener('hashchange', open);
addEventListener('resize', later(() => {
  if (!byId('overview').hidden) showOverview();
  if (network) network.resize();
}));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', recolour);
open();
document.documentElement.dataset.ready = 'yes';
