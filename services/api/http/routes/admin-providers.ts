import type { ProviderStore } from '../../../../redis/provider-store.ts';
import { WeirError } from '../../../../shared/errors/weir-error.ts';
import { abortableDelay } from '../../../../shared/lifecycle/abortable-delay.ts';
import type { Logger } from '../../../../shared/observability/logger.ts';
import { type ProvidersAnswer, providersAnswerSchema, providersPatchSchema } from '../../../../shared/protocol/http.ts';
import type { ModelsView } from '../models-view.ts';
import { defineRoute, type Route } from '../route.ts';

export interface AdminProvidersDeps {
  models: ModelsView;
  providerStore: Pick<ProviderStore, 'force' | 'recentFailures'>;
  log: Logger;
}

const PATH = '/api/v1/admin/providers';
/** Told while Redis is away (s). */
const RETRY_SECONDS = 2;
/** An answer waits this long (ms) until its own replica has heard of the change that it describes. */
const HEARD_WITHIN_MS = 1_000;

/** Which model provider answers, why, and who should. */
export function adminProvidersRoutes({ models, providerStore, log }: AdminProvidersDeps): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: PATH,
      tag: 'Administration',
      summary: 'Read how the model providers stand',
      description: 'As this replica knows it from the cluster. Without Redis `recent_failures` are empty.',
      access: 'admin',
      input: {},
      answer: { status: 200, description: 'In the order in which they are configured.', schema: providersAnswerSchema },
      handle: async () => ({ body: await providersAnswer(models, providerStore) }),
    }),
    defineRoute({
      method: 'patch',
      path: PATH,
      tag: 'Administration',
      summary: 'Force a model provider, or release it',
      description:
        'The forced one is asked first by all replicas until it is released. A breaker still keeps calls from one that is down.',
      access: 'admin',
      input: { body: providersPatchSchema },
      answer: { status: 200, description: 'In force.', schema: providersAnswerSchema },
      errors: ['capacity_unavailable'],
      async handle({ body: { forced }, caller }) {
        checkName(forced, models);
        await providerStore.force(forced).catch((cause: unknown) => {
          throw new WeirError('capacity_unavailable', { cause, retryAfterSeconds: RETRY_SECONDS });
        });
        log.warn('model provider forced', { forced, by: caller.userId });
        await heard(models, forced);
        return { body: await providersAnswer(models, providerStore) };
      },
    }),
  ];
}

function checkName(forced: string | null, { configured }: ModelsView): void {
  if (forced === null || configured.some(({ name }) => name === forced)) return;
  const known = configured.map(({ name }) => name).join(', ') || 'none is configured';
  throw new WeirError('validation_failed', {
    errors: [{ path: 'forced', message: `There is no model provider "${forced}" (known: ${known}).` }],
  });
}

async function heard({ board }: ModelsView, forced: string | null): Promise<void> {
  const done = new AbortController();
  const unsubscribe = board.onChange(() => {
    if (board.forced === forced) done.abort();
  });
  if (board.forced !== forced) await abortableDelay(HEARD_WITHIN_MS, done.signal);
  unsubscribe();
}

async function providersAnswer(
  { board, configured }: ModelsView,
  store: AdminProvidersDeps['providerStore'],
): Promise<ProvidersAnswer> {
  const providers = board.standings().map(async ({ name, role, state, since, reason, nextProbeAt, active }) => {
    const about = configured.find((provider) => provider.name === name);
    const failures = await store.recentFailures(name).catch(() => []);
    return {
      name,
      role,
      endpoint: about?.endpoint ?? '',
      model: about?.model ?? '',
      large_model: about?.largeModel ?? null,
      active,
      state,
      since: since?.toISOString() ?? null,
      reason,
      next_probe_at: nextProbeAt?.toISOString() ?? null,
      recent_failures: failures.map(({ at, kind, status, replica }) => ({
        at: new Date(at).toISOString(),
        kind,
        status,
        replica,
      })),
    };
  });
  return {
    active: board.active,
    active_since: board.activeSince?.toISOString() ?? null,
    forced: board.forced,
    providers: await Promise.all(providers),
  };
}
