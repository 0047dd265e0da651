import { expect } from 'chai';
import { html, prose } from './html.ts';
import { schemaHtml } from './schema.ts';

describe('the page of the API document', () => {
  it('escapes whatever a schema says', () => {
    const nasty = '<script>alert("x")</script>';
    const { text } = schemaHtml({ type: 'object', description: nasty, properties: { [nasty]: { enum: [nasty] } } });
    expect(text).not.to.include('<script');
    expect(html`${nasty}${[nasty]}${html`<b>${nasty}</b>`}`.text).not.to.include('<script');
    expect(prose('see `<b>` & so on').text).to.equal('see <code>&lt;b&gt;</code> &amp; so on');
  });

  it('shows members, bounds, defaults, choices and references', () => {
    const { text } = schemaHtml({
      type: 'object',
      required: ['a'],
      properties: {
        a: { type: 'integer', minimum: 1, maximum: 9, default: 3 },
        b: { anyOf: [{ $ref: '#/components/schemas/Run' }, { type: 'null' }] },
        c: { type: 'array', items: { type: 'object', properties: { d: { type: 'string', maxLength: 5 } } } },
      },
    });
    const words = text
      .replace(/<[^>]+>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim();
    expect(words).to.equal(
      'object a integer 1 to 9, default 3 b optional Run or null c optional list object d optional string at most 5 characters',
    );
    expect(text).to.include('<a href="#schema-Run">Run</a>');
  });
});
