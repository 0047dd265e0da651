import type { StepContext } from '../../../services/worker/steps/step-executor.ts';
import { NO_SPAN } from '../../../shared/observability/tracing/spans.ts';
import { type LogLine, recordedLog } from '../recorded-log.ts';

/** A step's surroundings for tests, with what the step did to them. */
export interface RecordedContext extends StepContext {
  /** Live output in order; `null` stands for a restart. */
  readonly sent: Array<string | null>;
  readonly saved: unknown[];
  /** Providers that took over. */
  readonly switches: string[];
  readonly lines: LogLine[];
}

export function stepContext(parts: Partial<StepContext> = {}): RecordedContext {
  const sent: Array<string | null> = [];
  const saved: unknown[] = [];
  const switches: string[] = [];
  const log = recordedLog();
  return {
    runId: '0198c0de-0000-7000-8000-000000000001',
    userId: 'ann',
    correlationId: 'correlation-1',
    index: 0,
    scope: { payload: {}, outputs: {} },
    signal: new AbortController().signal,
    state: null,
    saveState: async (state) => void saved.push(state),
    span: NO_SPAN,
    output: {
      text: (piece) => void sent.push(piece),
      restart: () => void sent.push(null),
      providerSwitched: (provider) => void switches.push(provider),
    },
    log,
    lines: log.lines,
    sent,
    saved,
    switches,
    ...parts,
  };
}
