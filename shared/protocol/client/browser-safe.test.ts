import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const folder = dirname(fileURLToPath(import.meta.url));
/** Imports that are still there when the types are gone. */
const RUNTIME_IMPORT = /^(?:import|export)\s+(?!type\b)[^;]*?from\s+'([^']+)'/gm;

function reach(file: string, seen: Map<string, string[]>): void {
  if (seen.has(file)) return;
  const targets = [...readFileSync(file, 'utf8').matchAll(RUNTIME_IMPORT)].map((match) => match[1] ?? '');
  seen.set(file, targets);
  for (const target of targets) if (target.startsWith('.')) reach(join(dirname(file), target), seen);
}

describe('shared/protocol/client', () => {
  it('runs in a browser: it loads no package and no Node module, itself or through what it imports', () => {
    const seen = new Map<string, string[]>();
    for (const name of readdirSync(folder)) if (!name.endsWith('.test.ts')) reach(join(folder, name), seen);
    const foreign = [...seen].flatMap(([file, targets]) =>
      targets.filter((target) => !target.startsWith('.')).map((target) => `${file}: ${target}`),
    );
    expect(foreign).to.deep.equal([]);
    expect(seen.size).to.be.greaterThan(10);
  });
});
