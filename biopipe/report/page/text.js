// Text with its mentions marked; what lies inside another mention is marked inside it.
function markedText(one, from, to, strong) {
  const inside = one.mentions.map(mentionOf)
    .filter((mention) => mention.end > from && mention.start < to)
    .sort((a, b) => a.start - b.start || b.end - a.end);
  const out = element('span', { class: 'text' });
  const next = { place: 0 };
  fillText(out, one, from, to, inside, next, strong);
  return out;
}

function fillText(parent, one, from, to, mentions, next, strong) {
  let at = from;
  while (next.place < mentions.length && mentions[next.place].start < to) {
    const mention = mentions[next.place++];
    const start = Math.max(mention.start, at);
    const end = Math.min(mention.end, to);
    if (end <= start) continue;
    parent.append(slice(one, at, start));
    const mark = mentionMark(mention, strong);
    fillText(mark, one, start, end, mentions, next, strong);
    parent.append(mark);
    at = end;
  }
  parent.append(slice(one, at, to));
}

function mentionMark(mention, strong) {
  const said = assertionsOf(mention.bits);
  const named = mention.concepts.map((concept) => `${concept.name} (${concept.id})`).join(' + ') || 'not linked';
  const title = [mention.label.name, named, `score ${(mention.score / 100).toFixed(2)}`, ...said.map((mark) => mark.words)];
  const isStrong = strong && mention.concepts.some((concept) => strong.has(concept.place));
  const [concept] = mention.concepts;
  const mark = element('mark', {
    class: isStrong ? 'strong' : strong ? 'faint' : null,
    colour: mention.label,
    title: title.join(' · '),
    'data-concept': concept ? concept.id : null,
    tabindex: concept ? 0 : null,
    role: concept ? 'button' : null,
    on: concept ? { click: (event) => openConcept(event, concept), keydown: (event) => event.key === 'Enter' && openConcept(event, concept) } : null,
  });
  for (const assertion of said) mark.append(element('abbr', { title: assertion.words }, assertion.sign));
  return mark;
}

function openConcept(event, concept) {
  event.stopPropagation();
  go('concepts', concept.place);
}

function mentionWords(one) {
  return element('p', { class: 'words' }, one.mentions.map((row, place) => {
    const mark = mentionMark(mentionOf(row));
    mark.append(one.words[place]);
    return [mark, ' '];
  }));
}

// The sentences that hold the spans, or where there are none all those that name the concepts.
function sentencesWith(one, spans, wanted) {
  if (one.text === undefined) return [];
  if (spans.length) return spans;
  const sentences = pairsOf(one.sentences);
  const named = sentences.map(([start, end]) => {
    const inside = one.mentions.filter((row) => row[1] > start && row[0] < end).flatMap((row) => row.slice(5));
    return [...wanted].filter((place) => inside.includes(place)).length;
  });
  const both = sentences.filter((_, place) => named[place] === wanted.size);
  if (both.length) return both;
  return [...wanted].map((concept) => sentences.find(([start, end]) =>
    one.mentions.some((row) => row[1] > start && row[0] < end && row.slice(5).includes(concept)))).filter(Boolean)
    .sort((a, b) => a[0] - b[0]);
}
