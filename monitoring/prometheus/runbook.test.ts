import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { COMMANDS } from '../../services/cli/commands/commands.ts';
import { PACKAGE_ROOT } from '../../shared/config/package.ts';
import { limitsSchema } from '../../shared/protocol/http.ts';
import { isReported } from '../../tests/support/monitoring/known-metrics.ts';
import { alertRules } from '../../tests/support/monitoring/rule-files.ts';

/** Looks like a metric. */
const POSTGRES_VIEW = 'pg_stat_activity';

const read = (file: string) => readFileSync(join(PACKAGE_ROOT, file), 'utf8');

/** First groups of all matches. */
const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, group = '']) => group);

for (const page of ['runbook.md', 'monitoring.md']) {
  const text = read(`docs/operations/${page}`);
  const code = all(text, /`([^`]+)`/g).join('\n');

  describe(`docs/operations/${page}`, () => {
    it('names only metrics, commands, limits and settings that exist', () => {
      const series = all(
        code,
        /\b((?:(?:cluster|instance|route|device|slo):|(?:weir|pg|redis|nginx|node|nodejs|process|probe)_)[\w:]+)/g,
      );
      expect(series.filter((name) => !isReported(name) && name !== POSTGRES_VIEW)).to.deep.equal([]);

      const targets = all(read('Makefile'), /^([a-z-]+):.*##/gm);
      expect(targets).to.include.members(all(code, /\bmake ([a-z-]+)/g));
      expect(Object.keys(COMMANDS)).to.include.members(all(code, /\bweir ([a-z]+)/g));
      expect(Object.keys(limitsSchema.shape)).to.include.members(all(code, /\bcapacity set (\w+)=/g));

      const known = ['docs/configuration.md', 'docker-compose.yml', 'compose/monitoring.yml'].map(read).join('\n');
      expect(all(code, /\b(WEIR_[A-Z_]+)/g).filter((name) => !known.includes(name))).to.deep.equal([]);
    });

    it('links only to what is there', () => {
      const anchors = all(text, /^#+ (.+)$/gm).map((title) => title.toLowerCase().replaceAll(' ', '-'));
      expect(anchors).to.include.members(all(text, /\]\(#([^)]+)\)/g));
      const files = all(text, /\]\(([^)#:]+)[^)]*\)/g).filter((file) => !file.startsWith('http'));
      expect(files.filter((file) => !existsSync(join(PACKAGE_ROOT, 'docs/operations', file)))).to.deep.equal([]);
    });
  });
}

describe('the runbook', () => {
  const [, ...sections] = read('docs/operations/runbook.md').split(/^### /m);

  it('has one section for each alert, and none for another', () => {
    const titles = sections.map((section) => section.split('\n')[0]);
    expect(titles.sort()).to.deep.equal(
      alertRules()
        .map(({ alert }) => alert)
        .sort(),
    );
  });

  it('says of each what it means, where to look, what to do, and when it ends', () => {
    for (const section of sections)
      expect(all(section, /^- \*\*(\w+):\*\* .+[.?]$/gm), section).to.deep.equal(['Means', 'Look', 'Do', 'Ends']);
  });
});
