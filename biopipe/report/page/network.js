const RELATION_TONES = ['--relation-1', '--relation-2', '--relation-3', '--relation-4', '--relation-5', '--relation-6'];
const FIT_PADDING = 24;
const NAME_GAP = 4;
const LONGEST_NAME = 60;
let network = null;
let drawn = [];

function relationTone(label) {
  if (!label) return tone('--quiet');
  return tone(RELATION_TONES[relationLabels.indexOf(label) % RELATION_TONES.length]);
}

// Of a graph that was made small to fit, names and nodes are as large as before.
function networkStyle(zoom) {
  const larger = 1 / Math.min(1, Math.max(0.4, zoom));
  const dark = tone('--scheme') === 'dark';
  return [
    { selector: 'node', style: {
      'background-color': 'data(fill)', 'border-color': 'data(line)', 'border-width': 1.5, width: (node) => node.data('size') * larger, height: (node) => node.data('size') * larger,
      label: 'data(name)', color: tone('--ink'), 'font-family': 'system-ui, sans-serif', 'font-size': 12.5 * larger, 'text-wrap': 'wrap', 'text-max-width': 110 * larger,
      'text-valign': 'bottom', 'text-margin-y': 3, 'text-background-color': tone('--paper'), 'text-background-opacity': 0.8, 'text-background-padding': 1, 'min-zoomed-font-size': 7 } },
    { selector: 'edge', style: {
      width: (edge) => edge.data('width') * larger, 'line-color': 'data(tone)', 'target-arrow-color': 'data(tone)', 'target-arrow-shape': 'none', 'curve-style': 'bezier',
      opacity: dark ? 0.75 : 0.6, 'arrow-scale': 1.3, 'control-point-step-size': 22 } },
    { selector: 'edge.acts', style: { 'target-arrow-shape': 'triangle' } },
    { selector: 'edge.together', style: { 'line-style': 'dashed', 'line-dash-pattern': [4, 3] } },
    { selector: '.picked', style: { opacity: 1, 'border-width': 3, 'line-color': tone('--accent'), 'target-arrow-color': tone('--accent'), 'border-color': tone('--accent') } },
    { selector: '.aside', style: { opacity: 0.12 } },
  ];
}

function drawGraph() {
  const values = filterValues();
  const passing = passingEdges(values);
  drawn = passing.slice(0, values.edges);
  const nodes = new Set(drawn.flatMap(({ edge }) => [edge.first, edge.second]));
  fill('graph-count', drawn.length
    ? `${plural(nodes.size, 'concept')} and ${whole(drawn.length)} of ${plural(passing.length, 'edge')} that pass the filters, those of most documents.`
    : 'No edge passes the filters.');
  byId('score-value').textContent = (values.score / 100).toFixed(2);
  byId('edges-value').textContent = whole(values.edges);
  fill('relation-key', [...new Set(drawn.map(({ edge }) => edge.label))].map((label) => {
    const sample = element('i', { class: label ? null : 'dashed' });
    sample.style.setProperty('--line', relationTone(label));
    return element('span', {}, sample, label ? words(label) : 'named together');
  }));
  listEdges();
  const canvas = byId('network');
  if (network) network.destroy();
  network = cytoscape({
    container: canvas, elements: [...[...nodes].map(nodeOf), ...drawn.map(edgeOf)], style: networkStyle(1),
    minZoom: 0.2, maxZoom: 4, boxSelectionEnabled: false,
    layout: { name: 'fcose', animate: false, randomize: true, quality: 'default', nodeSeparation: 140, idealEdgeLength: 150, nodeRepulsion: 30000, padding: FIT_PADDING, packComponents: true, nodeDimensionsIncludeLabels: true },
  });
  separateNames();
  network.on('tap', 'edge', (event) => showEvidence(event.target.data('place')));
  network.on('tap', 'node', (event) => lift(event.target));
  network.on('tap', (event) => event.target === network && network.elements().removeClass('aside picked'));
  canvas.dataset.drawn = Number(canvas.dataset.drawn || 0) + 1;
  canvas.setAttribute('aria-label', `Graph of ${nodes.size} concepts and ${drawn.length} edges; the list beside it has the same edges.`);
}

// Names are as large on the screen whatever the zoom, so that those which the layout kept apart may
// meet: nodes are moved until no name covers a node or another name, and the graph is fitted again.
function separateNames() {
  for (let round = 0; round < 4; round++) {
    network.style(networkStyle(network.zoom()));
    const boxes = network.nodes().map((node) => ({ node, box: node.boundingBox({ includeOverlays: false }), x: 0, y: 0 }));
    let moved = false;
    for (let pass = 0; pass < 60 && pushApart(boxes); pass++) moved = true;
    if (!moved) return;
    network.batch(() => boxes.forEach(({ node, x, y }) => node.shift({ x, y })));
    network.fit(undefined, FIT_PADDING);
  }
  network.style(networkStyle(network.zoom()));
}

function pushApart(boxes) {
  let moved = false;
  for (let i = 0; i < boxes.length; i++) {
    for (let j = i + 1; j < boxes.length; j++) {
      const [a, b] = [boxes[i], boxes[j]];
      const across = Math.min(a.box.x2 + a.x, b.box.x2 + b.x) - Math.max(a.box.x1 + a.x, b.box.x1 + b.x) + NAME_GAP;
      const down = Math.min(a.box.y2 + a.y, b.box.y2 + b.y) - Math.max(a.box.y1 + a.y, b.box.y1 + b.y) + NAME_GAP;
      if (across <= 0 || down <= 0) continue;
      const [axis, end, by] = across < down ? ['x', 'x1', across] : ['y', 'y1', down];
      const sign = a.box[end] + a[axis] <= b.box[end] + b[axis] ? 1 : -1;
      a[axis] -= (sign * by) / 2;
      b[axis] += (sign * by) / 2;
      moved = true;
    }
  }
  return moved;
}

function shortName(name) {
  const points = Array.from(name);
  return points.length > LONGEST_NAME ? `${points.slice(0, LONGEST_NAME - 1).join('')}…` : name;
}

function nodeOf(concept) {
  const { fill: inside, line } = concept.label;
  return { data: { id: `c${concept.place}`, place: concept.place, name: shortName(concept.name), fill: inside, line, size: 14 + 8 * Math.log10(1 + concept.documents) } };
}

function edgeOf({ edge, count, acts }) {
  const ends = acts === 2 ? [edge.second, edge.first] : [edge.first, edge.second];
  const classes = [edge.label ? '' : 'together', acts ? 'acts' : ''].join(' ');
  return { classes, data: { id: `e${edge.place}`, place: edge.place, source: `c${ends[0].place}`, target: `c${ends[1].place}`, tone: relationTone(edge.label), width: 0.9 + 1.5 * Math.log10(count) } };
}

function lift(node) {
  const concept = concepts[node.data('place')];
  network.elements().removeClass('picked').addClass('aside');
  node.closedNeighborhood().removeClass('aside');
  node.addClass('picked');
  listEdges(concept);
}

function pick(place) {
  network.elements().removeClass('aside picked');
  network.getElementById(`e${place}`).addClass('picked').connectedNodes().addClass('picked');
}

function focusOn(concept) {
  byId('filters').elements.focus.value = concept.name;
  byId('filters').elements.kind.value = edges.some((edge) => edge.label && (edge.first === concept || edge.second === concept)) ? 'relations' : 'together';
  focused = concept;
  go('graph');
  drawGraph();
}
