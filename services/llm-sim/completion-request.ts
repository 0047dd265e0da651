import { z } from 'zod';

const part = z.object({ type: z.string(), text: z.string().optional() });
const message = z.object({
  role: z.string(),
  content: z
    .union([z.string(), z.array(part)])
    .nullable()
    .optional(),
});

/** What the simulator reads of a chat completion request; everything else of the OpenAI API is accepted and ignored. */
export const completionRequestSchema = z.object({
  model: z.string().min(1).default('sim-1'),
  messages: z.array(message).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().optional() }).nullish(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
});

export type CompletionRequest = z.infer<typeof completionRequestSchema>;

/** Text of the last message a user wrote, which the answer echoes. */
export function lastPrompt(request: CompletionRequest): string {
  const content = request.messages.findLast((entry) => entry.role === 'user')?.content ?? '';
  return typeof content === 'string' ? content : content.map((entry) => entry.text ?? '').join('');
}

/** Tokens of all messages together; a token is a word here. */
export function countPromptTokens(request: CompletionRequest): number {
  return request.messages
    .map((entry) =>
      typeof entry.content === 'string'
        ? entry.content
        : (entry.content ?? []).map((item) => item.text ?? '').join(' '),
    )
    .reduce((sum, text) => sum + text.split(/\s+/).filter((word) => word !== '').length, 0);
}
