import type { RunRow } from '../../../db/repositories/run-row.ts';
import { WeirError } from '../../../shared/errors/weir-error.ts';
import type { Metrics } from '../../../shared/observability/metrics.ts';
import { BreakerTimeoutError } from '../../../shared/resilience/breaker.ts';
import { MicroBatcher } from '../../../shared/resilience/micro-batcher.ts';
import type { AdmitBatch } from './admit-batch.ts';
import type { CapacityView } from './capacity-view.ts';
import { retryAfterSeconds, waitAt } from './estimate.ts';
import type { Placement } from './placement.ts';
import type { QueuePlaces } from './queue-places.ts';
import type { RefusalHints } from './refusal-hints.ts';
import type { SettledReplay } from './settled-replay.ts';
import { COUNTED_OUTCOMES, replayAnswer, type StartOutcome } from './start-outcome.ts';
import type { StartAnswer, StartRequest } from './start-request.ts';

/** Bounds one INSERT: its parse and plan time, and how many requests fail together (runs). */
const MAX_BATCH = 200;
/** While one batch commits another is inserted; more would only make the batches smaller. */
const BATCHES_IN_FLIGHT = 2;
/** Of a burst, for each of them (runs): with less, two commits and two scripts cost more than is gained by working side by side. */
const SMALLEST_SHARE = 40;
/** Longer than the taking back of what may have been stored goes on when Postgres answers again; Nginx says the same (s). */
const LOOK_AFTER_SECONDS = 5;

export interface SubmitDeps {
  batch: Pick<AdmitBatch, 'run'>;
  placement: Pick<Placement, 'refusalWhileBehind'>;
  settled: Pick<SettledReplay, 'of'>;
  places: Pick<QueuePlaces, 'of'>;
  hints: RefusalHints;
  view: Pick<CapacityView, 'lastCurve'>;
  metrics: Pick<Metrics, 'admission'>;
}

/** The door for starts. */
export class Submit {
  private readonly batcher: MicroBatcher<StartRequest, StartOutcome>;

  constructor(private readonly deps: SubmitDeps) {
    for (const outcome of COUNTED_OUTCOMES) deps.metrics.admission.outcomes.inc({ outcome }, 0);
    this.batcher = new MicroBatcher({
      run: (requests) => deps.batch.run(requests),
      maxBatch: MAX_BATCH,
      maxInFlight: BATCHES_IN_FLIGHT,
      smallestShare: SMALLEST_SHARE,
      failsWaiting: hung,
    });
  }

  /**
   * Accepts a run: when this resolves it is in Postgres. Throws WeirError `queue_full`, `user_queue_full`,
   * `idempotency_key_reused`, `capacity_unavailable` or `storage_unavailable`; then nothing was accepted. And `outcome_unknown`: it may
   * have been, which only a repeat with the same key, or a look at the runs, can tell.
   */
  async submit(request: StartRequest): Promise<StartAnswer> {
    const { outcomes, seconds } = this.deps.metrics.admission;
    const begun = performance.now();
    const refusal = this.knownRefusal(request);
    if (refusal !== null) {
      outcomes.inc({ outcome: refusal.code });
      throw refusal;
    }
    for (;;) {
      const outcome = await this.batcher.add(request).catch((error: unknown) => {
        outcomes.inc({ outcome: 'failed' });
        throw toldTo(request, error);
      });
      const answer = outcome.kind === 'replayed' ? await this.replay(outcome.run) : answerOf(outcome);
      // The first request with this key was refused after all, so this one is the first.
      if (answer === null) continue;
      outcomes.inc({ outcome: outcome.kind });
      seconds.observe((performance.now() - begun) / 1_000);
      if (!(answer instanceof WeirError)) return answer;
      if (outcome.kind === 'queue_full' || outcome.kind === 'user_queue_full') {
        this.deps.hints.learn(outcome.kind, request.userId);
      }
      throw toldTo(request, answer);
    }
  }

  /** null: the run is gone. */
  private async replay(run: RunRow): Promise<StartAnswer | null> {
    const settled = await this.deps.settled.of(run);
    if (settled === null) return null;
    const places = await this.deps.places.of([settled]);
    return replayAnswer(settled, places.get(settled.id) ?? null);
  }

  /** What is known to be refused. A request with a key may be the repeat of an accepted one, so a full queue is no reason yet. */
  private knownRefusal(request: StartRequest): WeirError | null {
    const { hints, placement, view } = this.deps;
    const behind = placement.refusalWhileBehind(request.userId);
    if (behind !== null || request.idempotencyKey !== null) return behind;
    const hint = hints.refusalFor(request.userId);
    if (hint === null) return null;
    return new WeirError(hint, { retryAfterSeconds: retryAfterSeconds(waitAt(view.lastCurve, 1)) });
  }
}

function answerOf(outcome: Exclude<StartOutcome, { kind: 'replayed' }>): StartAnswer | WeirError {
  return 'answer' in outcome ? outcome.answer : outcome.error;
}

/** Postgres did not answer in time: whoever waited behind that batch has waited a second already, and was not sent. */
function hung(error: unknown): WeirError | null {
  const isHung = error instanceof WeirError && error.cause instanceof BreakerTimeoutError;
  return isHung ? error.as('storage_unavailable') : null;
}

/** Without a key one has to look, and looking is worth something only when what can be taken back has been. */
function toldTo(request: StartRequest, error: unknown): unknown {
  const mustLook = error instanceof WeirError && error.code === 'outcome_unknown' && request.idempotencyKey === null;
  return mustLook ? error.as('outcome_unknown', LOOK_AFTER_SECONDS) : error;
}
