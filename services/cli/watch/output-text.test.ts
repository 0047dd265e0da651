import { expect } from 'chai';
import { outputText } from './output-text.ts';

describe('outputText', () => {
  it('shows a model’s text whole, nothing of a delay, and of a webhook status and body', () => {
    expect(outputText({ type: 'llm', output: 'Hello' })).to.equal('Hello');
    expect(outputText({ type: 'delay', output: { waited_seconds: 1 } })).to.equal('');
    expect(outputText({ type: 'webhook', output: { status: 204, headers: {}, body: null } })).to.equal('status 204');
    expect(outputText({ type: 'webhook', output: { status: 200, body: { ok: true } } })).to.equal(
      'status 200\n{\n  "ok": true\n}',
    );
    expect(outputText({ type: 'new', output: [1] })).to.equal('[\n  1\n]');
    expect(outputText({ type: 'llm', output: null })).to.equal('');
  });

  it('shows the beginning of a long answer and says how much more there is', () => {
    const body = Array.from({ length: 15 }, (_, index) => `line ${index}`).join('\n');
    const lines = outputText({ type: 'webhook', output: { status: 200, body } }).split('\n');
    expect(lines).to.have.length(14);
    expect(lines.at(-1)).to.equal('… 3 more lines');
  });
});
