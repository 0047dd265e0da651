import { expect } from 'chai';
import { execa } from 'execa';
import { PACKAGE_ROOT } from '../../shared/config/package.ts';

/** As a template writes what is to be filled in. */
const value = (expression: string) => `\${${expression}}`;

describe('render.awk', () => {
  const render = async (template: string, env: Record<string, string> = { ALERT_HOME: '/home/of/alerts' }) => {
    const result = await execa('awk', ['-f', 'monitoring/alertmanager/render.awk'], {
      cwd: PACKAGE_ROOT,
      input: template,
      env,
      reject: false,
    });
    return { out: result.stdout, err: result.stderr, code: result.exitCode };
  };

  it('fills in variables and defaults, and leaves out what nobody asked for', async () => {
    const template = `a: ${value('A:-1')}
#if A B
b: '${value('B')}'
  #unless A
  c: 1
  #end
#end
#if C
d: 1
#if A
e: 1
#end
#end
f: ${value('ALERT_SECRETS')}`;
    expect((await render(template, { ALERT_HOME: '/h', B: 'x' })).out).to.equal("a: 1\nb: 'x'\n  c: 1\nf: /h/secrets");
    expect((await render(template, { ALERT_HOME: '/h', A: '2', B: 'y' })).out).to.equal("a: 2\nb: 'y'\nf: /h/secrets");
  });

  for (const [what, template, env] of [
    ['a block without an end', '#if A\na: 1', { ALERT_HOME: '/h' }],
    ['an end without a block', 'a: 1\n#end', { ALERT_HOME: '/h' }],
    ['a variable without a value', `a: ${value('A')}`, { ALERT_HOME: '/h' }],
    ['no home', 'a: 1', {}],
  ] as const) {
    it(`refuses ${what} with a sentence`, async () => {
      const { code, err } = await render(template, env);
      expect(code).to.equal(1);
      expect(err).to.match(/^alertmanager\.yml\.template: .+$/);
    });
  }
});
