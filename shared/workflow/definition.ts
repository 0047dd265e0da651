import { z } from 'zod';

/** Bounds on a definition; a step list is data from strangers, so every dimension has an end. */
export const DEFINITION_LIMITS = {
  maxSteps: 50,
  maxNameLength: 200,
  maxDescriptionLength: 2_000,
  maxPromptLength: 32_768,
  maxDelaySeconds: 3_600,
  maxTimeoutSeconds: 600,
} as const;

/** Step names are used in templates as `{{steps.<name>.output}}`, so: letters, digits, `_` and `-`, starting with a letter or digit. */
const stepName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/,
    'Use 1 to 64 letters, digits, "_" or "-", starting with a letter or digit.',
  );

const timeoutSeconds = z.number().positive().max(DEFINITION_LIMITS.maxTimeoutSeconds);

export const delayConfigSchema = z.strictObject({
  duration: z.number().min(0).max(DEFINITION_LIMITS.maxDelaySeconds).describe('Seconds to wait; fractions allowed.'),
});

export const llmConfigSchema = z.strictObject({
  prompt: z
    .string()
    .min(1)
    .max(DEFINITION_LIMITS.maxPromptLength)
    .describe('{{payload.x}} and {{steps.<name>.output}} are filled in.'),
  system: z.string().max(DEFINITION_LIMITS.maxPromptLength).optional(),
  model: z.string().min(1).max(200).optional(),
  max_tokens: z.int().min(1).max(1_000_000).optional(),
  temperature: z.number().min(0).max(2).optional(),
  timeout_seconds: timeoutSeconds.optional(),
});

export const WEBHOOK_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

export const webhookConfigSchema = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .max(2_048)
    .describe('http or https; the host must be on the allow-list of the server.'),
  method: z.enum(WEBHOOK_METHODS).optional(),
  headers: z
    .record(
      z.string().regex(/^[A-Za-z0-9-]{1,100}$/),
      z
        .string()
        .max(2_000)
        .regex(/^[^\r\n\0]*$/),
    )
    .optional(),
  body: z.json().optional().describe('Any JSON; strings in it are templates.'),
  timeout_seconds: timeoutSeconds.optional(),
});

export const stepSchema = z.discriminatedUnion('type', [
  z.strictObject({ name: stepName, type: z.literal('delay'), config: delayConfigSchema }),
  z.strictObject({ name: stepName, type: z.literal('llm'), config: llmConfigSchema }),
  z.strictObject({ name: stepName, type: z.literal('webhook'), config: webhookConfigSchema }),
]);

export const definitionSchema = z.strictObject({
  name: z.string().trim().min(1).max(DEFINITION_LIMITS.maxNameLength),
  description: z.string().max(DEFINITION_LIMITS.maxDescriptionLength).optional(),
  steps: z
    .array(stepSchema)
    .min(1)
    .max(DEFINITION_LIMITS.maxSteps)
    .superRefine((steps, context) => {
      const seen = new Set<string>();
      steps.forEach((step, index) => {
        if (seen.has(step.name)) {
          context.addIssue({
            code: 'custom',
            path: [index, 'name'],
            message: `"${step.name}" names an earlier step too.`,
          });
        }
        seen.add(step.name);
      });
    }),
});

export type LlmConfig = z.infer<typeof llmConfigSchema>;
export type WebhookConfig = z.infer<typeof webhookConfigSchema>;
export type Step = z.infer<typeof stepSchema>;
export type StepKind = Step['type'];
export type WorkflowDefinition = z.infer<typeof definitionSchema>;
