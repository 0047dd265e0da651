import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { PACKAGE_ROOT } from '../../shared/config/package.ts';
import { definitionSchema } from '../../shared/workflow/definition.ts';
import { renderTemplate } from '../../shared/workflow/template.ts';

const folder = join(PACKAGE_ROOT, 'examples');
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
const read = (name: string) => definitionSchema.parse(JSON.parse(readFileSync(join(folder, name), 'utf8')));

describe('the examples', () => {
  it('are valid workflows, named like their files, each with a line in the README', () => {
    const readme = readFileSync(join(folder, 'README.md'), 'utf8');
    expect(files).to.include.members(['hello.json', 'chain.json', 'webhook.json', 'long-delay.json']);
    for (const file of files) {
      expect(`${read(file).name}.json`).to.equal(file);
      expect(readme, file).to.contain(`| \`${file}\` |`);
    }
  });

  it('refer only to earlier steps and to what the README’s payload has', () => {
    const readme = readFileSync(join(folder, 'README.md'), 'utf8');
    for (const file of files) {
      const given = new RegExp(`${file} --watch --payload '([^']+)'`).exec(readme)?.[1] ?? '{}';
      const outputs: Record<string, unknown> = {};
      for (const step of read(file).steps) {
        const scope = { payload: JSON.parse(given) as Record<string, unknown>, outputs };
        expect(() => renderTemplate(JSON.stringify(step.config), scope), `${file}, ${step.name}`).to.not.throw();
        outputs[step.name] = 'text';
      }
    }
  });
});
