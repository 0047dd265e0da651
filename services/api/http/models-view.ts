import type { ProvidersAnswer, SystemStatus } from '../../../shared/protocol/http.ts';

type Answered = ProvidersAnswer['providers'][number];

/** A model provider as the replica knows it from the cluster. */
export interface ProviderView {
  name: string;
  role: Answered['role'];
  state: Answered['state'];
  since: Date | null;
  reason: string | null;
  nextProbeAt: Date | null;
  active: boolean;
}

/** The model providers as the API sees them: answers from memory, kept by whoever makes the calls. */
export interface ModelsView {
  board: {
    readonly active: string | null;
    readonly activeSince: Date | null;
    readonly forced: string | null;
    standings(): ProviderView[];
    onChange(handler: () => void): () => void;
  };
  configured: ReadonlyArray<{ name: string; endpoint: string; model: string; largeModel: string | null }>;
}

const STATUS = { closed: 'operational', half_open: 'degraded', open: 'down' } as const;

/** Providers as the status page shows them. */
export function publicProviders({ board }: ModelsView): SystemStatus['providers'] {
  return board.standings().map(({ name, role, state, active, since }) => {
    return { name, role, status: STATUS[state], active, since: since?.toISOString() ?? null };
  });
}
