import { expect } from 'chai';
import { loadScripts } from './scripts.ts';

describe('loading of scripts', () => {
  const scripts = loadScripts();
  const named = (name: string) => scripts.find((script) => script.name === name);

  it('takes subject, name and number of keys from the path', () => {
    expect(named('dequeueRuns')).to.include({ subject: 'queue', numberOfKeys: 14 });
  });

  it('puts every include in once, those of includes too', () => {
    for (const { name, lua } of scripts) {
      expect(lua, name).not.to.match(/^--- @include/m);
      const functions = [...lua.matchAll(/^local function (\w+)/gm)].map((match) => match[1]);
      expect(functions, name).to.deep.equal([...new Set(functions)]);
    }
    expect(named('admitRuns')?.lua).to.contain('local function parseEntry');
  });

  it('takes another text for an include, for every script', () => {
    const replaced = loadScripts({ replace: { serverTime: 'local function serverTime() return 7 end' } });
    expect(replaced.some(({ lua }) => lua.includes('return 7 end'))).to.equal(true);
    expect(replaced.some(({ lua }) => lua.includes("redis.call('TIME')"))).to.equal(false);
  });

  it('refuses to replace what is not there', () => {
    expect(() => loadScripts({ replace: { serverTimes: '' } })).to.throw('no include "serverTimes"');
  });
});
