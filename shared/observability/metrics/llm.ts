import { WAIT_BUCKETS } from './buckets.ts';
import type { MetricBook } from './metric-book.ts';

export function llmMetrics(book: MetricBook) {
  return {
    tokens: book.counter('weir_llm_tokens_total', {
      by: 'worker',
      help: 'Tokens by provider, model and direction.',
      labels: ['provider', 'model', 'direction'],
    }),
    cost: book.counter('weir_llm_cost_usd_total', {
      by: 'worker',
      help: 'US dollars that the tokens cost at the configured prices; not reported for a provider without prices.',
      labels: ['provider', 'model'],
    }),
    calls: book.counter('weir_llm_calls_total', {
      by: 'worker',
      help: 'Model calls by provider and outcome.',
      labels: ['provider', 'outcome'],
    }),
    userTokens: book.counter('weir_llm_user_tokens_total', {
      by: 'worker',
      help: 'Tokens by user and direction; users beyond the first few hundred of a replica are counted as "other".',
      labels: ['user', 'direction'],
    }),
    inFlight: book.gauge('weir_llm_calls_in_flight', {
      by: 'worker',
      help: 'Model calls under way by provider.',
      labels: ['provider'],
    }),
    retries: book.counter('weir_llm_retries_total', {
      by: 'worker',
      help: 'Repeats on the same provider, by whether the budget of the cluster allowed them (granted, denied).',
      labels: ['provider', 'outcome'],
    }),
    switches: book.counter('weir_llm_switches_total', {
      by: 'worker',
      help: 'Calls that left a provider for another one, by reason.',
      labels: ['from', 'to', 'reason'],
    }),
    breaker: book.gauge('weir_llm_breaker_state', {
      by: 'replica',
      help: 'As this replica sees it: 0 closed, 1 half open, 2 open.',
      labels: ['provider'],
    }),
    openings: book.counter('weir_llm_breaker_openings_total', {
      by: 'worker',
      help: 'Breakers opened by this replica, by reason. unauthorized: somebody has to look at the key.',
      labels: ['provider', 'reason'],
    }),
    probes: book.counter('weir_llm_probes_total', {
      by: 'worker',
      help: 'Probes of an open provider by this replica, by outcome.',
      labels: ['provider', 'outcome'],
    }),
    active: book.gauge('weir_llm_provider_active', {
      by: 'replica',
      help: '1 for the provider that answers.',
      labels: ['provider'],
    }),
    firstContent: book.histogram('weir_llm_first_content_seconds', {
      by: 'worker',
      help: 'Until the first content of a stream.',
      labels: ['provider'],
      buckets: WAIT_BUCKETS,
    }),
  };
}
