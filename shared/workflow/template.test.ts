import { expect } from 'chai';
import fc from 'fast-check';
import { MAX_RENDERED_LENGTH, renderJson, renderTemplate, TemplateError } from './template.ts';

const scope = {
  payload: { name: 'Ada', deep: { list: [{ x: 7 }, 'two'] }, empty: null, yes: true, 'with space': 1 },
  outputs: { first: 'a text', second: { status: 200, body: { ok: true } } },
};

describe('templates', () => {
  it('insert texts as they are and everything else as JSON', () => {
    expect(
      renderTemplate('Hi {{payload.name}}, {{ payload.deep.list.0.x }}, {{payload.empty}}, {{payload.yes}}', scope),
    ).to.equal('Hi Ada, 7, null, true');
    expect(renderTemplate('{{payload.deep}}', scope)).to.equal('{"list":[{"x":7},"two"]}');
    expect(renderTemplate('{{payload.with space}}', scope)).to.equal('1');
  });

  it('reach the outputs of earlier steps, whole and in part', () => {
    expect(renderTemplate('{{steps.first.output}} {{steps.second.output.body.ok}}', scope)).to.equal('a text true');
  });

  const refused: Record<string, string> = {
    'a payload key that is not there': '{{payload.nobody}}',
    'a key below a text': '{{payload.name.0}}',
    'an index beyond the list': '{{payload.deep.list.9}}',
    'the length of a list': '{{payload.deep.list.length}}',
    'a step that has not run': '{{steps.third.output}}',
    'a step without "output"': '{{steps.first}}',
    'another root': '{{env.HOME}}',
    'nothing at all': '{{}}',
    'the prototype': '{{payload.__proto__}}',
    'a constructor': '{{payload.constructor}}',
    'a constructor of a step output': '{{steps.second.output.constructor.name}}',
    'a step named like a prototype key': '{{steps.constructor.output}}',
  };
  for (const [what, template] of Object.entries(refused)) {
    it(`refuse ${what} with a reason that names the reference`, () => {
      expect(() => renderTemplate(template, scope)).to.throw(TemplateError, template);
    });
  }

  it('refuse prototype keys even where JSON made them own keys', () => {
    const payload = JSON.parse('{"__proto__": {"secret": 1}}') as Record<string, unknown>;
    expect(() => renderTemplate('{{payload.__proto__.secret}}', { payload, outputs: {} })).to.throw(TemplateError);
  });

  it('never read an inserted value as a template', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.constantFrom('{{payload.b}}', '{{', '}}', '$&', '{{steps.x.output}}'),
        (text, trap) => {
          const payload = { a: text + trap, b: 'leaked' };
          expect(renderTemplate('<{{payload.a}}>', { payload, outputs: {} })).to.equal(`<${text}${trap}>`);
        },
      ),
    );
  });

  it('leave a text without placeholders untouched, and read back any JSON value they insert', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (text, value) => {
        fc.pre(!/\{\{[^{}]*\}\}/.test(text));
        expect(renderTemplate(text, scope)).to.equal(text);
        const rendered = renderTemplate('{{payload.v}}', { payload: { v: value }, outputs: {} });
        expect(rendered).to.equal(typeof value === 'string' ? value : JSON.stringify(value));
      }),
    );
  });

  it('answer a value or a TemplateError for any reference, never anything of the language', () => {
    const own = fc.constantFrom(
      'payload',
      'steps',
      'name',
      'deep',
      'list',
      '0',
      'output',
      'first',
      'toString',
      'constructor',
      '__proto__',
      'length',
      'hasOwnProperty',
      '',
    );
    fc.assert(
      fc.property(fc.array(own, { maxLength: 6 }), (path) => {
        try {
          expect(renderTemplate(`{{${path.join('.')}}}`, scope)).to.not.include('[native code]');
        } catch (error) {
          expect(error).to.be.instanceOf(TemplateError);
        }
      }),
    );
  });

  it('stop at a bounded length instead of multiplying a large payload', () => {
    const payload = { x: 'y'.repeat(60_000) };
    expect(() => renderTemplate('{{payload.x}}'.repeat(100), { payload, outputs: {} })).to.throw(
      TemplateError,
      String(MAX_RENDERED_LENGTH),
    );
    expect(() => renderJson(Array(100).fill('{{payload.x}}'), { payload, outputs: {} })).to.throw(
      TemplateError,
      String(MAX_RENDERED_LENGTH),
    );
  });

  it('keep the type of a JSON text that is one placeholder, and fill in texts at any depth', () => {
    const body = { all: '{{payload.deep.list}}', note: ['for {{payload.name}}', 3, null], '{{payload.name}}': true };
    expect(renderJson(body, scope)).to.deep.equal({
      all: [{ x: 7 }, 'two'],
      note: ['for Ada', 3, null],
      '{{payload.name}}': true,
    });
  });
});
