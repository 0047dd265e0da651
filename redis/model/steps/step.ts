import fc from 'fast-check';
import type { Limits } from '../../../shared/protocol/http.ts';
import type { ClockedStore } from '../../clocked-store.ts';
import type { RunAttempt } from '../../results.ts';
import type { CapacityModel } from '../capacity-model.ts';
import type { RunBook } from '../run-book.ts';

/** One side of a test: what should be. */
export interface Stage {
  capacity: CapacityModel;
  book: RunBook;
  /** Epoch of the leader; its predecessor, with the epoch before, has not noticed yet. */
  leaderEpoch: number;
  /** As Postgres has them: a rebuild brings them back. */
  limits: Limits;
}

/** The other side: what is. */
export interface Stand {
  store: ClockedStore;
  /** Compares both sides after each step. */
  witness: { see(stage: Stage, deed: Deed): Promise<void> };
}

/** What has been done to both sides, and what they said. */
export interface Deed {
  /** In words, for the report of a failure. */
  story: string;
  /** The store's answer, and the model's. */
  answer: unknown;
  expected: unknown;
  /** Attempts in whose names it was done. */
  attempts?: readonly RunAttempt[];
  /** Epoch of the leader that did it. */
  epoch?: number;
}

/** Does something to both sides; what comes of several deeds is seen after each. */
type Act = (stage: Stage, store: ClockedStore, see: (deed: Deed) => Promise<void>) => Promise<Deed>;
export type Step = fc.AsyncCommand<Stage, Stand>;
export type WeightedStep = fc.WeightedArbitrary<Step>;

/** A command for fast-check. `check`: whether it makes sense in this state. */
export function step(act: Act, check: (stage: Stage) => boolean = () => true): Step {
  let story = '';
  const command: Step & fc.WithCloneMethod<Step> = {
    check,
    run: async (stage, stand) => {
      const stories: string[] = [];
      const see = (deed: Deed) => {
        stories.push(deed.story);
        story = stories.join(', ');
        return stand.witness.see(stage, deed);
      };
      await see(await act(stage, stand.store, see));
    },
    toString: () => story,
    // Each replay, also while shrinking, tells a story of its own.
    [fc.cloneMethod]: () => step(act, check),
  };
  return command;
}

/** The leader, and now and then its predecessor. */
export const leader: fc.Arbitrary<(stage: Stage) => number> = fc
  .constantFrom(0, 0, 0, 0, 1)
  .map((ago) => (stage: Stage) => stage.leaderEpoch - ago);

/** The element of a list that is `back` before the last; the list goes round. The latest are where things happen. */
export function fromEnd<Element>(list: readonly Element[], back: number): Element | undefined {
  return list[list.length - 1 - (back % Math.max(1, list.length))];
}
