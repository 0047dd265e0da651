import { z } from 'zod';
import type { RunStepRow } from '../../../db/repositories/run-row.ts';
import type { RunAnswer } from '../../../shared/protocol/http.ts';

/** What the steps of a model keep of their cost (services/worker/steps/llm.ts); null: the provider did not say. */
const stepUsageSchema = z.object({
  input_tokens: z.number().nullable(),
  output_tokens: z.number().nullable(),
  cost_usd: z.number().optional(),
});

/** Beyond it sums of binary fractions show their noise. */
const DECIMALS = 9;

/** The sum over the steps; null: none of them asked a model. */
export function runUsage(steps: ReadonlyArray<Pick<RunStepRow, 'usage'>>): RunAnswer['usage'] {
  const usages = steps.flatMap(({ usage }) => stepUsageSchema.safeParse(usage).data ?? []);
  if (usages.length === 0) return null;
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  const costs = usages.flatMap(({ cost_usd }) => cost_usd ?? []);
  return {
    input_tokens: sum(usages.map((usage) => usage.input_tokens ?? 0)),
    output_tokens: sum(usages.map((usage) => usage.output_tokens ?? 0)),
    cost_usd: costs.length === 0 ? null : Number(sum(costs).toFixed(DECIMALS)),
  };
}
