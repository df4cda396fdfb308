// Elements are made here alone, and data becomes text nodes: markup in it stays text.
const byId = (id) => document.getElementById(id);

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name === 'on') for (const [event, act] of Object.entries(value)) made.addEventListener(event, act);
    else if (name === 'colour') paint(made, value);
    else if (value === true) made.setAttribute(name, '');
    else made.setAttribute(name, String(value));
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ''));
  return made;
}

function paint(node, label) {
  node.style.setProperty('--fill', label.fill);
  node.style.setProperty('--line', label.line);
}

const fill = (id, ...children) => byId(id).replaceChildren(...children.flat(Infinity).filter(Boolean));
const whole = (number) => number.toLocaleString('en');
const share = (part, all) => (all ? `${Math.round((100 * part) / all)}%` : '–');
const plural = (number, one, many) => `${whole(number)} ${number === 1 ? one : many || `${one}s`}`;
const words = (name) => name.replaceAll('_', ' ').toLowerCase();

function button(text, act, attributes) {
  return element('button', { type: 'button', on: { click: act }, ...attributes }, text);
}

function table(headings, rows, attributes) {
  const head = headings.map(([text, kind]) => element('th', { scope: 'col', class: kind }, text));
  const body = rows.map((cells) =>
    element('tr', {}, cells.map((cell, place) => element('td', { class: headings[place][1] }, cell))));
  return element('table', attributes || {}, element('thead', {}, element('tr', {}, head)), element('tbody', {}, body));
}

function labelName(label) {
  return element('span', { class: 'label', colour: label }, label.name);
}

function later(act) {
  let waiting = 0;
  return () => {
    clearTimeout(waiting);
    waiting = setTimeout(act, 120);
  };
}
