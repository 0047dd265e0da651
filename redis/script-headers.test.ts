import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import {
  CAPACITY_LEVELS,
  COMFORTS,
  LEVEL_ENTRY_PERCENT,
  LEVEL_EXIT_HOLD_MS,
  LEVEL_EXIT_POINTS,
} from '../shared/workflow/capacity-level.ts';
import { CAPACITY_KEYS } from './keys.ts';
import { CAPACITY_SCRIPTS, PROVIDER_SCRIPTS, USER_SCRIPTS } from './registry.ts';
import { loadScripts, type Script } from './scripts.ts';

/** Script header and code, taken apart. Both halves are held against each other, and against file name and registry. */
function dissect({ source, lua }: Script) {
  const [, header = '', code = ''] = /^--\[\[\n([\s\S]*?)\n\]\]\n([\s\S]*)$/.exec(source) ?? [];
  const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match.slice(1).map(String));
  const [, returns = ''] = header.split(/^ {2}Returns$/m);
  const argvLocals = all(code, /^local ([\w, ]+) =\s+(.*ARGV\[.*)$/gm).flatMap(([names = '', values = '']) => {
    const indices = all(values, /ARGV\[(\d+)\]/g).flat();
    return names.split(', ').map((name, at) => [indices[at], name]);
  });
  return {
    header,
    code,
    expanded: lua.replace(/--\[\[[\s\S]*?\]\]/g, '').replace(/--.*$/gm, ''),
    keys: all(header, /^ {2}KEYS\[(\d+)\] (\w+)/gm),
    keyLocals: /^local ([\w,\s]+?) = unpack\(KEYS\)$/m.exec(code)?.[1]?.split(/,\s+/),
    argv: all(header, /^ {2}ARGV\[(\d+)\] (\w+)/gm),
    argvLocals,
    variadicFrom: /^ {2}ARGV\[(\d+)…\]/m.exec(header)?.[1],
    statuses: all(returns, /^ {4}(-?\d+|n)\s/gm).flat(),
    answersTable: /^ {4}\{/m.test(returns),
  };
}

describe('contract of every script', () => {
  const scripts = loadScripts();
  const registry: Record<string, readonly string[]> = { ...CAPACITY_SCRIPTS, ...PROVIDER_SCRIPTS, ...USER_SCRIPTS };

  it('the registry names all scripts and no others', () => {
    expect(scripts.map((script) => script.name)).to.have.members(Object.keys(registry));
  });

  it('the README says of every script who calls it', () => {
    const readme = readFileSync(new URL('./README.md', import.meta.url), 'utf8');
    for (const { name } of scripts) expect(readme, name).to.match(new RegExp(`^\\| .*\\b${name}\\b`, 'm'));
  });

  for (const script of scripts) {
    const parts = dissect(script);

    describe(`${script.subject}/${script.name}`, () => {
      it('opens with its purpose, and says what it guarantees or that it changes nothing', () => {
        expect(parts.header).to.match(/^ {2}[A-Z]/);
        expect(parts.header).to.match(/^ {2}Guarantee: |Changes nothing[.;]/m);
      });

      it('takes the keys its file name counts, its header lists, its code names and the registry gives', () => {
        const names = parts.keys.map(([, name]) => name);
        expect(parts.keys.map(([index]) => Number(index))).to.deep.equal(names.map((_, at) => at + 1));
        expect(names).to.have.length(script.numberOfKeys);
        expect(names).to.deep.equal(registry[script.name]);
        expect(names).to.deep.equal(parts.keyLocals);
      });

      it('uses each of its keys and arguments', () => {
        for (const name of [...(parts.keyLocals ?? []), ...parts.argvLocals.map(([, name = '']) => name)]) {
          const uses = parts.expanded.match(new RegExp(`\\b${name}\\b`, 'g')) ?? [];
          expect(uses.length, name).to.be.greaterThan(1);
        }
      });

      it('takes the arguments its header lists, under the same names', () => {
        expect(parts.argv).to.deep.equal(parts.argvLocals);
        expect(parts.argv.map(([index]) => Number(index))).to.deep.equal(parts.argv.map((_, at) => at + 1));
        const listed = parts.variadicFrom !== undefined;
        expect(/#ARGV|unpack\(ARGV/.test(parts.code), 'reads a list of arguments').to.equal(listed);
        if (listed) expect(Number(parts.variadicFrom)).to.equal(parts.argv.length + 1);
      });

      it('answers the statuses its header lists', () => {
        const returned = [...parts.code.matchAll(/\breturn (-?\d+)\b/g)].map((match) => match[1]);
        expect([...new Set(returned)]).to.have.members(parts.statuses.filter((status) => status !== 'n'));
        expect(parts.statuses.includes('-2')).to.equal(parts.code.includes('isStaleEpoch('));
        const guarded = /EXISTS', generation|GET', rebuild/.test(parts.code);
        if (script.subject !== 'events') expect(parts.statuses.includes('-1')).to.equal(guarded);
      });
    });
  }
});

describe('contract of every include', () => {
  const folder = new URL('./includes/', import.meta.url);

  for (const file of readdirSync(folder)) {
    const text = readFileSync(new URL(file, folder), 'utf8');
    const name = file.replace('.lua', '');
    const uses = /^ {2}Uses (.*)$/m.exec(text)?.[1]?.split(', ') ?? [];

    it(`${name} is a function, its header says what it does and which keys of the script it uses`, () => {
      expect(text).to.match(new RegExp(`^--\\[\\[\n {2}${name}\\(.*\\): `));
      expect(text).to.contain(`local function ${name}(`);
      const words = new Set(text.replace(/--\[\[[\s\S]*?\]\]|--.*$|'[^']*'/gm, '').match(/\w+/g));
      expect(uses).to.have.members(Object.keys(CAPACITY_KEYS).filter((key) => words.has(key)));
    });

    it(`scripts that include ${name} have the keys it uses`, () => {
      for (const script of loadScripts().filter(({ lua }) => lua.includes(`local function ${name}(`))) {
        expect(dissect(script).keyLocals, script.name).to.include.members(uses);
      }
    });
  }

  it('the level is computed with the numbers everybody else knows', () => {
    const lua = readFileSync(new URL('evaluateLevel.lua', folder), 'utf8');
    expect(lua).to.contain(`LEVELS = { ${CAPACITY_LEVELS.map((level) => `'${level}'`).join(', ')} }`);
    expect(lua).to.contain(`ENTRY_PERCENT = { ${Object.values(LEVEL_ENTRY_PERCENT).join(', ')} }`);
    expect(lua).to.contain(`EXIT_POINTS = ${LEVEL_EXIT_POINTS}\n`);
    expect(lua).to.contain(`EXIT_HOLD = ${LEVEL_EXIT_HOLD_MS}\n`);
  });

  it('comforts are shed in the order that everybody else knows, from the level that everybody else knows', () => {
    const lua = readFileSync(new URL('evaluateFeatures.lua', folder), 'utf8');
    expect(lua).to.contain(`COMFORTS = { ${COMFORTS.map((comfort) => `'${comfort}'`).join(', ')} }`);
    expect(lua).to.contain(`LEVEL_NAMES = { ${CAPACITY_LEVELS.map((level) => `'${level}'`).join(', ')} }`);
    expect(lua).to.contain(`SHED_FROM = ${CAPACITY_LEVELS.indexOf('degraded')}\n`);
  });
});
