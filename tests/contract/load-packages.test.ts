import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { PACKAGE_ROOT } from '../../shared/config/package.ts';
import { importsOf } from './import-rules.ts';

/**
 * Node looks into loadtests/node_modules first. There artillery would bring its own, older packages to the top, and what runs before the first
 * `make load` would no longer run after it.
 */
describe('packages of the load tests', () => {
  const lock = (folder: string) =>
    JSON.parse(readFileSync(join(PACKAGE_ROOT, folder, 'package-lock.json'), 'utf8')).packages as Record<
      string,
      { version?: string }
    >;

  it('what is imported under loadtests/ is the same version with and without artillery', () => {
    const [product, load] = [lock('.'), lock('loadtests')];
    const files = readdirSync(join(PACKAGE_ROOT, 'loadtests'), { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.ts') && !file.includes('node_modules'),
    );
    const targets = files.flatMap((file) =>
      importsOf(file, readFileSync(join(PACKAGE_ROOT, 'loadtests', file), 'utf8')).map(({ target }) => target),
    );
    const names = [...new Set(targets)].filter((target) => !target.startsWith('.') && !target.startsWith('node:'));
    expect(names).to.include.members(['ws', 'ioredis']);
    const differing = names.flatMap((name) => {
      const [ours, theirs] = [product, load].map((packages) => packages[`node_modules/${name}`]?.version);
      return theirs === undefined || theirs === ours ? [] : [`${name}: ${ours} and ${theirs}`];
    });
    expect(differing).to.deep.equal([]);
  });
});
