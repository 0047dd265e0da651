import { expect } from 'chai';
import type { WorkflowDefinition } from '../../../../shared/workflow/definition.ts';
import { type Draft, definitionOf, draftOf, emptyDraft, faultsOf, faultsOfDraft, newStep } from './draft.ts';

const WHOLE: WorkflowDefinition = {
  name: 'report',
  description: 'All there is',
  steps: [
    { name: 'ask', type: 'llm', config: { prompt: 'Say {{payload.x}}', max_tokens: 40, temperature: 0.5 } },
    { name: 'wait', type: 'delay', config: { duration: 1.5 } },
    {
      name: 'tell',
      type: 'webhook',
      config: {
        url: 'https://example.com/hook',
        method: 'PUT',
        headers: { 'X-A': 'b' },
        body: ['{{steps.ask.output}}', 1],
      },
    },
  ],
};

function withSetting(name: string, text: string, type: 'llm' | 'delay' | 'webhook' = 'llm'): Draft {
  return { name: 'w', description: '', steps: [{ ...newStep(type, []), settings: { prompt: 'p', [name]: text } }] };
}

describe('draft of a workflow', () => {
  it('carries a definition into its fields and back unchanged', () => {
    expect(definitionOf(draftOf(WHOLE))).to.deep.equal(WHOLE);
    expect(faultsOf(WHOLE)).to.deep.equal([]);
  });

  it('says what an empty form lacks, by field', () => {
    expect(faultsOf(definitionOf(emptyDraft())).map(({ path }) => path)).to.deep.equal([
      'name',
      'steps.0.config.prompt',
    ]);
  });

  it('refuses a number that is none, in words', () => {
    expect(faultsOf(definitionOf(withSetting('max_tokens', 'many')))).to.deep.equal([
      { path: 'steps.0.config.max_tokens', message: 'Must be a number.' },
    ]);
  });

  it('refuses a body that was meant to be JSON instead of taking it for a text', () => {
    const draft = withSetting('body', '{"a": ', 'webhook');
    expect(faultsOfDraft(draft).find(({ path }) => path === 'steps.0.config.body')?.message).to.match(/not JSON/);
  });

  it('names a step like no other, also after one was removed', () => {
    const steps = ['step-1', 'step-3'].map((name) => ({ ...newStep('delay', []), name }));
    expect(newStep('delay', steps).name).to.equal('step-4');
  });

  it('keeps the key of a step apart from all others', () => {
    const keys = [...draftOf(WHOLE).steps, ...emptyDraft().steps].map(({ key }) => key);
    expect(new Set(keys).size).to.equal(keys.length);
  });
});
