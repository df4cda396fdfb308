function showRun() {
  const { run, errors, limits, cut } = content;
  fill('run-facts', table([['', ''], ['', '']], [
    ['Output folder', run.name], ['biopipe', run.biopipe || '–'], ['Written', run.written], ['Finished', run.finished ? 'yes' : 'no: this page is of the parts that were done'],
    ['Parts', whole(run.parts)], ['Configuration', element('code', {}, run.configuration.slice(0, 16))],
  ]));
  const used = run.components.flatMap((component) => component.uses.length
    ? component.uses.map(([role, name, hash]) => [component.name, role, name, element('code', { title: hash }, hash.slice(0, 12))])
    : [[component.name, '', '', '']]);
  fill('run-components', used.length ? table([['Component', ''], ['Uses', ''], ['Name', ''], ['Hash', '']], used) : element('p', { class: 'quiet' }, 'The run does not say.'));
  fill('run-limits', limits.documents
    ? [element('p', {}, `${plural(limits.documents, 'document')} cut short:`), table([['Limit', ''], ['Times', 'number']], limits.kinds.map(([kind, count]) => [kind, whole(count)]))]
    : element('p', { class: 'quiet' }, 'No document was cut short.'));
  fill('run-errors', errors.total
    ? [element('p', {}, `${plural(errors.total, 'input')} failed (${errors.stages.map(([stage, count]) => `${stage}: ${whole(count)}`).join(', ')})${errors.rows.length < errors.total ? `; the first ${whole(errors.rows.length)} are listed` : ''}.`),
      table([['Input', ''], ['Row', 'number'], ['Document', ''], ['Stage', ''], ['Error', '']], errors.rows.map((row) =>
        [row.input, row.row === null ? '' : whole(row.row), row.document_id || '', row.stage, row.error]))]
    : element('p', { class: 'quiet' }, 'No input failed.'));
  fill('run-cut', cutSentences().map((sentence) => element('li', {}, sentence)));
}
