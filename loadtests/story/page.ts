import { escaped } from '../report/figures.ts';
import { STYLE } from '../report/style.ts';
import { CRITERIA, type Finding } from './criteria.ts';

/** One row per acceptance criterion. */
export function storyPage(content: { passed: boolean; target: string; at: string; findings: Finding[] }): string {
  const rows = content.findings.map(
    ({ criterion, faults }) =>
      `<tr class="${faults.length === 0 ? '' : 'bad'}"><td>${faults.length === 0 ? '✓' : '✗'}</td><td>${escaped(CRITERIA[criterion])}</td><td>${faults.map(escaped).join('<br>')}</td></tr>`,
  );
  const outcome = content.passed ? 'passed' : 'failed';
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>The story: ${outcome}</title><style>${STYLE}</style></head><body><main>
<h1>The story <span class="${content.passed ? 'good' : 'bad'}">${outcome}</span></h1>
<p>30 users on a limit of 25, 15 workflows at once, against ${escaped(content.target)}, ${escaped(content.at)}.</p>
<table><tbody>${rows.join('\n')}</tbody></table></main></body></html>
`;
}
