import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { createMetrics } from '../../../shared/observability/metrics.ts';
import { MODEL_FAILURES } from './model-failure.ts';

const PAGE = new URL('../../../docs/providers.md', import.meta.url);

describe('classes of model failures', () => {
  it('are all and only those of docs/providers.md, with the same consequences and words', () => {
    const [, table = ''] = readFileSync(PAGE, 'utf8').split(
      "\n| kind | counts as | then | the run's owner reads |\n|---|---|---|---|\n",
    );
    const rows = table.slice(0, table.indexOf('\n\n')).split('\n');
    const wanted = Object.entries(MODEL_FAILURES).map(
      ([kind, { counts, next, reason }]) => `| \`${kind}\` | \`${counts}\` | \`${next}\` | ${reason} |`,
    );
    expect(rows).to.deep.equal(wanted);
  });

  it('are named with the settings and metrics that exist', async () => {
    const page = readFileSync(PAGE, 'utf8');
    const { registry } = createMetrics();
    const settings = readFileSync(new URL('../../../shared/config/schema.ts', import.meta.url), 'utf8');
    for (const [name] of page.matchAll(/\bweir_llm_\w+/g))
      expect(registry.getSingleMetric(name), name).to.not.equal(undefined);
    for (const [name] of page.matchAll(/\bWEIR_LLM_\w+/g)) expect(settings, name).to.include(`${name}:`);
  });
});
