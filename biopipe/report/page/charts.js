const tone = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function yearSeries(years) {
  if (!spanOfYears) return null;
  const counts = new Map(years);
  const [first, last] = spanOfYears;
  const all = Array.from({ length: last - first + 1 }, (_, place) => first + place);
  return [all, all.map((year) => counts.get(year) || 0)];
}

function barChart(years, width, height, name) {
  const holder = element('div', { class: 'chart', role: 'img', 'aria-label': `${name}: ${sentenceOf(years)}` });
  const series = yearSeries(years);
  if (!series) return holder;
  const axis = { stroke: tone('--quiet'), grid: { stroke: tone('--edge'), width: 1 }, ticks: { show: false }, font: '12px system-ui' };
  const most = Math.max(1, ...series[1]);
  new uPlot({
    width,
    height,
    legend: { show: true },
    cursor: { y: false, points: { show: false }, drag: { setScale: false, x: false } },
    scales: { x: { time: false, range: [series[0][0] - 0.6, series[0].at(-1) + 0.6] }, y: { range: [0, most * 1.08] } },
    axes: [
      { ...axis, size: 28, grid: { show: false }, incrs: [1, 2, 5, 10, 20, 50, 100], values: (_, ticks) => ticks.map(String), space: 44 },
      { ...axis, size: 46, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 100000, 1000000], values: (_, ticks) => ticks.map(whole) },
    ],
    series: [
      { label: 'Year', value: (_, year) => (year === null ? '–' : String(year)) },
      { label: 'Documents', stroke: tone('--accent'), fill: tone('--accent'), paths: uPlot.paths.bars({ size: [0.75, 40], radius: 0.12 }), points: { show: false }, value: (_, count) => (count === null ? '–' : whole(count)) },
    ],
  }, series, holder);
  return holder;
}

function sparkline(years, label) {
  const holder = element('div', { class: 'spark', role: 'img', 'aria-label': sentenceOf(years), title: sentenceOf(years) });
  const series = yearSeries(years);
  if (!series || series[0].length < 2 || !years.length) return holder;
  const line = tone('--scheme') === 'dark' ? label.fill : label.line;
  new uPlot({
    width: 132,
    height: 30,
    padding: [3, 1, 3, 1],
    legend: { show: false },
    cursor: { show: false },
    axes: [{ show: false }, { show: false }],
    scales: { x: { time: false }, y: { range: [0, Math.max(1, ...series[1])] } },
    series: [{}, { stroke: line, width: 1.5, fill: `${line}33`, points: { show: false } }],
  }, series, holder);
  return holder;
}

function sentenceOf(years) {
  if (!years.length) return 'no year';
  const [year, count] = years.reduce((best, one) => (one[1] > best[1] ? one : best));
  return `${years[0][0]} to ${years.at(-1)[0]}, most in ${year} (${plural(count, 'document')})`;
}
