import { COMFORTS } from '../../workflow/capacity-level.ts';
import type { MetricBook } from './metric-book.ts';

/** What became of a comfort that a client sent. */
const COMFORT_OUTCOMES = ['taken', 'coalesced', 'off', 'not_open'] as const;
export type ComfortOutcome = (typeof COMFORT_OUTCOMES)[number];

export function chatMetrics(book: MetricBook) {
  const comforts = book.counter('weir_comforts_total', {
    by: 'api',
    help: 'Comforts that clients sent, by what became of them: taken, coalesced with another one, off (dropped at the door), not_open (no such chat open).',
    labels: ['comfort', 'outcome'],
  });
  const enabled = book.gauge('weir_feature_enabled', {
    by: 'cluster',
    help: '1 while the feature is on.',
    labels: ['feature'],
  });
  for (const comfort of COMFORTS) {
    enabled.set({ feature: comfort }, 1);
    for (const outcome of COMFORT_OUTCOMES) comforts.inc({ comfort, outcome }, 0);
  }
  const messages = book.counter('weir_chat_messages_total', {
    by: 'api',
    help: 'Messages sent, by outcome: stored, repeated (stored before), refused.',
    labels: ['outcome'],
  });
  for (const outcome of ['stored', 'repeated', 'refused']) messages.inc({ outcome }, 0);
  return {
    comforts,
    enabled,
    messages,
    delivered: book.counter('weir_chat_deliveries_total', {
      by: 'api',
      help: 'Messages put into streams, by way: at once, or late (found undelivered).',
      labels: ['way'],
    }),
  };
}
