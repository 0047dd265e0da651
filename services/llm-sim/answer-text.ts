/** Sentences of every answer, in this order, again and again until the answer is long enough. */
const SENTENCES = [
  'Here is a short, calm answer to that.',
  'Water that meets a weir slows down, gathers, and flows over evenly instead of breaking the bank.',
  'A good queue does the same: everybody keeps a place, knows it, and moves forward.',
  'What matters first is done first, and what can wait says for how long.',
  'When one path is blocked, another one carries the load until the first is clear again.',
];

const ECHO_LENGTH = 80;

/**
 * The tokens (a word each, with the space before it) of the answer to `prompt`: the prompt's beginning, then canned
 * sentences. The same prompt and count always give the same text. `whole` closes the last sentence properly.
 */
export function answerTokens(prompt: string, count: number, whole: boolean): string[] {
  const quote = prompt.replace(/\s+/g, ' ').trim();
  const echo = quote.length > ECHO_LENGTH ? `${quote.slice(0, ECHO_LENGTH).trimEnd()}…` : quote;
  const words = `You asked: "${echo}".`.split(' ');
  for (let next = 0; words.length < count; next++) words.push(...(SENTENCES[next % SENTENCES.length] ?? '').split(' '));
  const tokens = words.slice(0, count);
  const last = tokens[count - 1];
  if (whole && last !== undefined) tokens[count - 1] = `${last.replace(/[.,:;]+$/, '')}.`;
  return tokens.map((word, index) => (index === 0 ? word : ` ${word}`));
}
