/** Details of spans: statements and scripts, of which there are many. They are only made where the trace is in the sample. */
import type { Attributes } from '@opentelemetry/api';
import type { SpanRecord } from './span-record.ts';

/** Where details belong that are begun now; several spans after one another share a batch. */
export type TraceScope = readonly SpanRecord[];
export const NOWHERE: TraceScope = [];
let entered: TraceScope = NOWHERE;

export function currentScope(): TraceScope {
  return entered;
}

/** What `work` begins before it waits for anything is a detail of these. */
export function enterScope<T>(scope: TraceScope, work: () => T): T {
  const before = entered;
  entered = scope;
  try {
    return work();
  } finally {
    entered = before;
  }
}

/** In the name of all who share the work. */
export function enterScopes<T>(scopes: readonly TraceScope[], work: () => T): T {
  const all = scopes.every((scope) => scope.length === 0) ? NOWHERE : scopes.flat();
  return enterScope(all, work);
}

/** A part of every span that has been entered. */
export function detail<T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T> {
  return entered.length === 0 ? work() : recordDetail(entered, name, attributes, work);
}

async function recordDetail<T>(
  parents: TraceScope,
  name: string,
  attributes: Attributes,
  work: () => Promise<T>,
): Promise<T> {
  const records = parents.map((parent) => parent.detail(name, attributes));
  try {
    return await work();
  } catch (error) {
    for (const record of records) record.fail(error);
    throw error;
  } finally {
    for (const record of records) record.end();
  }
}
