// The concepts that relations join, as SVG: placed by springs along relations and by repulsion
// (after Fruchterman and Reingold, 1991), from a circle, so that one text gives one picture.

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 26;
const ARROW = 11;
const MOST_EDGE_LABELS = 12;
const LONGEST_NAME = 26;

function shape(name, attributes, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

export function showGraph(place, relations, palette, { onRelation, onConcept }) {
  place.replaceChildren();
  if (!relations.length) return;
  const nodes = nodesOf(relations);
  const edges = relations.map((relation, index) => ({
    source: nodes.get(relation.head),
    target: nodes.get(relation.tail),
    relation,
    index,
  }));
  arrange([...nodes.values()], edges);
  const svg = shape("svg", { viewBox: viewBox([...nodes.values()]), role: "img" });
  svg.append(shape("title", {}, `${nodes.size} concepts and ${edges.length} relations`));
  const taken = [...nodes.values()].map(({ x, y, width }) => box(x, y, width, HEIGHT));
  for (const edge of edges) {
    edge.arrow = arrowOf(edge);
    if (edge.arrow) taken.push(box(edge.arrow.x, edge.arrow.y, ARROW, ARROW));
  }
  for (const edge of edges) svg.append(drawEdge(edge, onRelation));
  // Over all lines, so that none runs through a word.
  if (edges.length <= MOST_EDGE_LABELS) {
    svg.append(...edges.flatMap((edge) => drawLabel(edge, taken)));
  }
  for (const node of nodes.values()) svg.append(drawNode(node, palette, onConcept));
  place.append(svg);
}

function nodesOf(relations) {
  const nodes = new Map();
  for (const relation of relations) {
    for (const end of ["head", "tail"]) {
      const id = relation[end];
      if (nodes.has(id)) continue;
      const name = relation[`${end}_name`] || id;
      const points = Array.from(name);
      const cut = points.length > LONGEST_NAME;
      const shown = cut ? `${points.slice(0, LONGEST_NAME - 1).join("")}…` : name;
      const width = 22 + 6.9 * Array.from(shown).length;
      nodes.set(id, { id, name, shown, width, label: relation[`${end}_label`], x: 0, y: 0 });
    }
  }
  return nodes;
}

function arrange(nodes, edges) {
  const radius = 60 * Math.sqrt(nodes.length) + 60;
  nodes.forEach((node, i) => {
    const angle = (2 * Math.PI * i) / nodes.length;
    node.x = radius * 1.7 * Math.cos(angle);
    node.y = radius * Math.sin(angle);
  });
  const length = 210;
  for (let step = 0; step < 400; step++) {
    const reach = 22 * (1 - step / 400) + 0.4;
    for (const node of nodes) node.fx = node.fy = 0;
    for (let i = 0; i < nodes.length; i++) {
      for (let j = i + 1; j < nodes.length; j++) repel(nodes[i], nodes[j], length);
    }
    for (const { source, target } of edges) attract(source, target, length);
    for (const node of nodes) {
      // A weak pull to the middle keeps parts that nothing joins in the picture.
      node.fx -= 0.03 * node.x;
      node.fy -= 0.05 * node.y;
      const force = Math.hypot(node.fx, node.fy) || 1;
      node.x += (node.fx / force) * Math.min(force, reach);
      node.y += (node.fy / force) * Math.min(force, reach);
    }
  }
  for (let pass = 0; pass < 60; pass++) if (!separate(nodes)) break;
}

function repel(a, b, length) {
  // Names are wide: distances across count for less than distances up and down.
  const dx = (a.x - b.x) / 1.35 || 0.01;
  const dy = a.y - b.y || 0.01;
  const force = (1.6 * length * length) / Math.max(dx * dx + dy * dy, 60);
  const distance = Math.hypot(dx, dy);
  a.fx += (dx / distance) * force;
  a.fy += (dy / distance) * force;
  b.fx -= (dx / distance) * force;
  b.fy -= (dy / distance) * force;
}

function attract(a, b, length) {
  if (a === b) return;
  const dx = a.x - b.x;
  const dy = a.y - b.y;
  const distance = Math.hypot(dx, dy) || 0.01;
  const force = (distance * distance) / (length * 30);
  a.fx -= (dx / distance) * force;
  a.fy -= (dy / distance) * force;
  b.fx += (dx / distance) * force;
  b.fy += (dy / distance) * force;
}

function separate(nodes) {
  let moved = false;
  for (let i = 0; i < nodes.length; i++) {
    for (let j = i + 1; j < nodes.length; j++) {
      const [a, b] = [nodes[i], nodes[j]];
      const across = (a.width + b.width) / 2 + 14 - Math.abs(a.x - b.x);
      const down = HEIGHT + 20 - Math.abs(a.y - b.y);
      if (across <= 0 || down <= 0) continue;
      const sign = a.y <= b.y ? 1 : -1;
      a.y -= (sign * down) / 2;
      b.y += (sign * down) / 2;
      moved = true;
    }
  }
  return moved;
}

function viewBox(nodes) {
  const left = Math.min(...nodes.map((n) => n.x - n.width / 2)) - 12;
  const right = Math.max(...nodes.map((n) => n.x + n.width / 2)) + 12;
  const top = Math.min(...nodes.map((n) => n.y)) - HEIGHT;
  const bottom = Math.max(...nodes.map((n) => n.y)) + HEIGHT;
  // A picture of two concepts is not blown up to the width of the page.
  const width = Math.max(right - left, 620);
  return [(left + right - width) / 2, top, width, bottom - top].join(" ");
}

function drawEdge({ source, target, relation, index, arrow }, onRelation) {
  const ends = { x1: source.x, y1: source.y, x2: target.x, y2: target.y };
  const group = shape("g", { class: "edge", tabindex: "0", role: "button", "data-index": index });
  const uncertain = (relation.assertion ?? []).length > 0;
  group.append(
    shape("line", {
      ...ends,
      class: "shown",
      stroke: "#8b95a3",
      "stroke-width": 1 + 2.2 * relation.score,
      ...(uncertain ? { "stroke-dasharray": "5 4" } : {}),
    }),
    shape("line", { ...ends, class: "hit" }),
    shape("title", {}, inWords(relation)),
  );
  if (arrow) group.append(shape("polygon", { class: "arrow", points: arrow.points }));
  group.addEventListener("click", () => onRelation(index));
  group.addEventListener("keydown", (event) => event.key === "Enter" && onRelation(index));
  return group;
}

function drawLabel({ source, target, relation }, taken) {
  const text = words(relation.label);
  const place = placeOfLabel(source, target, text, taken);
  if (!place) return [];
  return [shape("text", { ...place, class: "edge-label", "text-anchor": "middle" }, text)];
}

// Where on a line its label covers neither a concept nor another label; nowhere on most short ones,
// whose label the table below has.
function placeOfLabel(source, target, text, taken) {
  for (const share of [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74]) {
    const x = source.x + share * (target.x - source.x);
    const y = source.y + share * (target.y - source.y);
    const covered = box(x, y, 5.6 * text.length + 6, 16);
    if (taken.some((other) => overlap(covered, other))) continue;
    taken.push(covered);
    return { x, y: y + 4 };
  }
  return null;
}

function box(x, y, width, height) {
  return { left: x - width / 2, right: x + width / 2, top: y - height / 2, bottom: y + height / 2 };
}

function overlap(a, b) {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

// A triangle whose tip is where the line from the end that acts meets the outline of the other;
// null where nobody says who acts. `x` and `y` are of its middle.
function arrowOf({ source, target, relation }) {
  if (!relation.subject) return null;
  const acts = relation.subject === relation.head;
  const [from, to] = acts ? [source, target] : [target, source];
  const [dx, dy] = [from.x - to.x, from.y - to.y];
  const distance = Math.hypot(dx, dy) || 1;
  const share = Math.min(to.width / 2 / Math.abs(dx || 1), HEIGHT / 2 / Math.abs(dy || 1), 0.5);
  const [x, y] = [to.x + dx * share, to.y + dy * share];
  const [ux, uy] = [dx / distance, dy / distance];
  const corner = (side) =>
    `${x + ARROW * ux - 0.45 * ARROW * side * uy},${y + ARROW * uy + 0.45 * ARROW * side * ux}`;
  const points = `${x},${y} ${corner(1)} ${corner(-1)}`;
  return { x: x + (ARROW / 2) * ux, y: y + (ARROW / 2) * uy, points };
}

function drawNode(node, palette, onConcept) {
  const { fill, line } = palette.of(node.label);
  const group = shape("g", { class: "node", tabindex: "0", role: "button", "data-id": node.id });
  group.append(
    shape("rect", {
      x: node.x - node.width / 2,
      y: node.y - HEIGHT / 2,
      width: node.width,
      height: HEIGHT,
      rx: HEIGHT / 2,
      fill,
      stroke: line,
      "stroke-width": 1.5,
    }),
    shape("text", { x: node.x, y: node.y + 4.5, "text-anchor": "middle" }, node.shown),
    shape("title", {}, `${node.name} (${node.label}) ${node.id}`),
  );
  group.addEventListener("click", () => onConcept(node.id));
  group.addEventListener("keydown", (event) => event.key === "Enter" && onConcept(node.id));
  return group;
}

// "A → positive correlation → B" where A acts on B, with dashes where nobody says who does.
export function inWords(relation) {
  const acts = relation.subject === relation.head;
  const [from, to] = acts || !relation.subject ? ["head", "tail"] : ["tail", "head"];
  const line = relation.subject ? "→" : "–";
  const name = (end) => relation[`${end}_name`] || relation[end];
  return `${name(from)} ${line} ${words(relation.label)} ${line} ${name(to)}`;
}

export function words(label) {
  return label.replaceAll("_", " ").toLowerCase();
}
