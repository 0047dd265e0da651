import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Percentiles } from '../measure/histogram.ts';
import { SPANS } from '../measure/sample.ts';
import type { Summary } from '../measure/summary.ts';
import type { Verdict } from '../thresholds.ts';
import { chartsOf } from './charts.ts';
import type { Difference } from './compare.ts';
import { escaped, figure, limitOf, measuredOf } from './figures.ts';
import { growthRows } from './growth-table.ts';
import { remarks } from './remarks.ts';
import { STYLE } from './style.ts';

export interface ReportContent {
  summary: Summary;
  verdicts: Verdict[];
  /** null: there is no run before that could be compared. */
  differences: { before: string; lines: Difference[] } | null;
}

const require = createRequire(import.meta.url);
const uplot = (file: string) => readFileSync(require.resolve(`uplot/dist/${file}`), 'utf8');

/** One file that needs nothing else, not even the network. */
export function pageOf({ summary, verdicts, differences }: ReportContent): string {
  const passed = verdicts.every(({ holds }) => holds);
  const title = `Load test ${summary.scenario}: ${passed ? 'passed' : 'failed'}`;
  const data = JSON.stringify({ t: summary.points.map(({ t }) => t), charts: chartsOf(summary) }).replaceAll(
    '<',
    '\\u003c',
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title><style>${uplot('uPlot.min.css')}${STYLE}</style></head><body><main>
<h1>${escaped(summary.scenario)} <span class="${passed ? 'good' : 'bad'}">${passed ? 'passed' : 'failed'}</span></h1>
<p>${escaped(summary.about)}. ${escaped(summary.startedAt)} to ${escaped(summary.endedAt)} against ${escaped(summary.target)}, time scale ${summary.timeScale};
${summary.users.most} of ${summary.users.wanted} users at once, ${summary.users.arrivals} in all;
${figure(summary.totals.requests)} requests, ${figure(summary.totals.requestsPerSecond)} a second; ${figure(summary.totals.runs)} runs
(${
    Object.entries(summary.ends)
      .map(([end, count]) => `${figure(count)} ${escaped(end)}`)
      .join(', ') || 'none ended'
  }).</p>
${remarks(summary, verdicts)
  .map((remark) => `<p>${escaped(remark)}</p>`)
  .join('\n')}
<h2>Thresholds</h2>
${table(
  ['', 'Bound', 'Measured', 'Limit'],
  verdicts.map((verdict) => [verdict.holds ? '✓' : '✗', verdict.name, measuredOf(verdict), limitOf(verdict)]),
  verdicts.map(({ holds }) => (holds ? '' : 'bad')),
)}
${differencesOf(differences)}
<div id="charts"></div>
<h2>Times (ms)</h2>
${table(
  ['', 'Count', 'p50', 'p95', 'p99', 'Most'],
  [
    row('every request', summary.request),
    ...Object.entries(SPANS).map(([span, about]) => row(about, summary.spans[span as keyof typeof SPANS])),
    ...summary.routes.map((route) => row(route.route, route)),
  ],
)}
<h2>Regions (ms)</h2><p>Served: without the latency of the region; seen: with it.</p>
${table(
  ['', 'Count', 'p50', 'p95', 'p99', 'Most'],
  summary.regions.flatMap(({ region, served, seen }) => [
    row(`${region}, served`, served),
    row(`${region}, seen`, seen),
  ]),
)}
<h2>Growth</h2><p>Per hour, by regression over the second half of the time in which all users were there.</p>
${table(['', 'Mean', 'Per hour', 'Share', ''], growthRows(summary.growth))}
<h2>Not answered as wished</h2>
${table(
  ['Request and status', 'Times'],
  Object.entries(summary.unwanted).map(([name, count]) => [name, figure(count)]),
)}
${summary.faultDetails.length === 0 ? '' : `<h2>Faults</h2><pre>${escaped(summary.faultDetails.join('\n'))}</pre>`}
</main><script>${uplot('uPlot.iife.min.js')}</script><script>const report=${data};${DRAW}</script></body></html>
`;
}

const DRAW = `
const colours=['#2563eb','#d97706','#dc2626','#059669','#7c3aed','#0891b2'];
const place=document.getElementById('charts');
for(const chart of report.charts){
  const box=document.createElement('section');const head=document.createElement('h2');head.textContent=chart.title;
  box.append(head);place.append(box);
  new uPlot({width:Math.min(1000,place.clientWidth||1000),height:220,scales:{x:{time:false},y:{range:(u,min,max)=>[0,Math.max(1,(max??0)*1.1)]}},
    cursor:{sync:{key:'load'}},axes:[{label:'seconds',labelSize:20},{size:70,label:chart.unit,labelSize:20}],
    series:[{label:'seconds'},...chart.lines.map((line,i)=>({label:line.name,stroke:colours[i%colours.length],width:1.5,spanGaps:true,
      points:{show:report.t.length<60,size:4},...(line.stepped?{paths:uPlot.paths.stepped({align:1})}:{}),value:(u,v)=>v==null?'–':Math.round(v*100)/100}))]},
    [report.t,...chart.lines.map((line)=>line.values)],box);
}`;

function differencesOf(differences: ReportContent['differences']): string {
  if (differences === null) return '<p>No earlier run of the same shape to compare with.</p>';
  const rows = differences.lines.map(({ name, unit, now, before, ratio }) => [
    name,
    figure(now),
    figure(before),
    ratio === null ? '–' : `× ${ratio.toFixed(2)}`,
    unit,
  ]);
  return `<h2>Beside the run before (${escaped(differences.before)})</h2>${table(['', 'Now', 'Before', 'Ratio', ''], rows)}`;
}

function row(name: string, { count, p50, p95, p99, max }: Percentiles): string[] {
  return [name, figure(count), figure(p50), figure(p95), figure(p99), figure(max)];
}

function table(head: string[], rows: string[][], classes: string[] = []): string {
  if (rows.length === 0) return '<p>None.</p>';
  const cells = (tag: string, values: string[]) => values.map((value) => `<${tag}>${escaped(value)}</${tag}>`).join('');
  const body = rows.map((values, n) => `<tr class="${classes[n] ?? ''}">${cells('td', values)}</tr>`).join('\n');
  return `<table><thead><tr>${cells('th', head)}</tr></thead><tbody>${body}</tbody></table>`;
}
