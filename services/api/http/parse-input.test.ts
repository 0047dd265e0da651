import { expect } from 'chai';
import { z } from 'zod';
import type { WeirError } from '../../../shared/errors/weir-error.ts';
import {
  capacityPatchSchema,
  idempotencyKeySchema,
  pageQuerySchema,
  triggerBodySchema,
} from '../../../shared/protocol/http.ts';
import { definitionSchema } from '../../../shared/workflow/definition.ts';
import { parseInput } from './parse-input.ts';

function errorsOf(schema: z.ZodType, value: unknown): Record<string, string> {
  try {
    parseInput(schema, value);
  } catch (error) {
    return Object.fromEntries(((error as WeirError).errors ?? []).map(({ path, message }) => [path, message]));
  }
  throw new Error('expected a refusal');
}

describe('parseInput', () => {
  it('says in plain words what is wrong with each field of a start', () => {
    expect(errorsOf(triggerBodySchema, { workflow_id: 'x', payload: [], priority: 'urgent', extra: 1 })).to.deep.equal({
      workflow_id: 'Must be a UUID, such as 3f1c2a4e-8d55-4b7a-9c1e-2f6d7a8b9c0d.',
      payload: 'Must be an object.',
      priority: 'Must be one of "high", "normal", "low".',
      extra: 'There is no such field.',
    });
    expect(errorsOf(triggerBodySchema, {})).to.deep.equal({ workflow_id: 'This field is required.' });
    expect(errorsOf(triggerBodySchema, 'text')).to.deep.equal({ '': 'Must be an object.' });
  });

  it('names the place of every fault in a definition', () => {
    const step = (name: string, type: string, config: unknown) => ({ name, type, config });
    const errors = errorsOf(definitionSchema, {
      name: ' ',
      steps: [
        step('a', 'delay', { duration: 3_601 }),
        step('a b', 'llm', { prompt: '', temperature: 'hot' }),
        step('c', 'webhook', { url: 'ftp://x', method: 'BREW', headers: { 'bad name': 'x' } }),
        step('d', 'sleep', {}),
      ],
    });
    expect(errors).to.include({
      name: 'Must have at least 1 character.',
      'steps.0.config.duration': 'Must be at most 3600.',
      'steps.1.name': 'Use 1 to 64 letters, digits, "_" or "-", starting with a letter or digit.',
      'steps.1.config.prompt': 'Must have at least 1 character.',
      'steps.1.config.temperature': 'Must be a number.',
      'steps.2.config.url': 'Must be a full address, such as https://example.com/path.',
      'steps.2.config.method': 'Must be one of "GET", "POST", "PUT", "PATCH", "DELETE".',
      'steps.3.type': 'Must be one of "delay", "llm", "webhook".',
    });
    expect(errors).to.have.property('steps.2.config.headers.bad name');
  });

  it('counts steps and finds names used twice', () => {
    const step = (name: string) => ({ name, type: 'delay', config: { duration: 0 } });
    expect(errorsOf(definitionSchema, { name: 'x', steps: [] })).to.deep.equal({
      steps: 'Must have at least 1 entry.',
    });
    const many = Array.from({ length: 51 }, (_, index) => step(`s${index}`));
    expect(errorsOf(definitionSchema, { name: 'x', steps: many })).to.deep.equal({
      steps: 'Must have at most 50 entries.',
    });
    expect(errorsOf(definitionSchema, { name: 'x', steps: [step('a'), step('a')] })).to.deep.equal({
      'steps.1.name': '"a" names an earlier step too.',
    });
  });

  it('bounds page sizes and reads them from text', () => {
    expect(parseInput(pageQuerySchema, {})).to.deep.equal({ limit: 20 });
    expect(parseInput(pageQuerySchema, { limit: '7' })).to.deep.equal({ limit: 7 });
    for (const limit of ['0', '101', '1.5', 'ten', '', ['1', '2']]) {
      expect(errorsOf(pageQuerySchema, { limit }), String(limit)).to.have.property('limit');
    }
  });

  it("keeps a schema's own sentence", () => {
    expect(errorsOf(z.object({ key: idempotencyKeySchema }), { key: 'a b' })).to.deep.equal({
      key: 'Use 1 to 200 visible ASCII characters.',
    });
    expect(errorsOf(capacityPatchSchema, {})).to.deep.equal({ '': 'Name at least one limit.' });
  });

  it('shows at most twenty errors and cuts long names', () => {
    const unknown = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`${'k'.repeat(300)}${index}`, 1]));
    const errors = errorsOf(triggerBodySchema, { workflow_id: 1, ...unknown });
    expect(Object.keys(errors).length).to.be.at.most(20);
    for (const path of Object.keys(errors)) expect(path.length).to.be.at.most(201);
  });
});
