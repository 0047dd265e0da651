import type { z } from 'zod';
import type { payloadSchema } from '../../shared/protocol/http.ts';
import type { WorkflowDefinition } from '../../shared/workflow/definition.ts';
import { parseJson, readJsonFile } from './json-input.ts';
import { UsageError } from './usage-error.ts';

export type Payload = z.infer<typeof payloadSchema>;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** The definition in a file. Only its outermost shape is looked at: the server is the judge of the rest, whatever its version. */
export async function readDefinition(path: string, cwd: string): Promise<WorkflowDefinition> {
  const value = await readJsonFile(path, cwd);
  if (isObject(value) && Array.isArray(value.steps)) return value as unknown as WorkflowDefinition;
  throw new UsageError(
    `${path} is not a workflow: it must be an object with "name" and "steps".`,
    'See examples/hello.json.',
  );
}

/** `{…}` as it is, `@path` from a file. */
export async function readPayload(text: string, cwd: string): Promise<Payload> {
  const value = text.startsWith('@') ? await readJsonFile(text.slice(1), cwd) : parseJson(text, '--payload');
  if (isObject(value)) return value as Payload;
  throw new UsageError('--payload must be a JSON object, such as \'{"topic":"tides"}\' or @payload.json.');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
