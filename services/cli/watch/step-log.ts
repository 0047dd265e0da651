import type { Step } from '../../../shared/workflow/definition.ts';
import type { StepFacts } from './updates.ts';

interface StepState {
  facts: StepFacts;
  state: 'started' | 'ended';
  /** Attempt of the run in which the step began; 0: heard of before the attempt was known. */
  attempt: number;
  /** Model output told so far. */
  told: string;
  /** Pieces may be missing in `told`: the watcher came late or was away. */
  gap: boolean;
}

/** What has been told of each step. Keyed by name, because output frames carry no index; names are unique. */
export class StepLog {
  private readonly steps = new Map<string, StepState>();

  constructor(private readonly definition: readonly Pick<Step, 'name' | 'type'>[] | null) {}

  facts(name: string, index: number | null, kind: string | null = null): StepFacts {
    const known = this.definition?.findIndex((step) => step.name === name) ?? -1;
    return { name, index: known >= 0 ? known : index, kind: this.definition?.[known]?.type ?? kind };
  }

  get(name: string): StepState | undefined {
    return this.steps.get(name);
  }

  /** False when it is news to nobody: ended, or begun before in the same attempt. */
  start(facts: StepFacts, attempt: number, gap: boolean): boolean {
    const before = this.steps.get(facts.name);
    if (before?.attempt === 0) before.attempt = attempt;
    if (before && (before.state === 'ended' || before.attempt >= attempt)) return false;
    this.steps.set(facts.name, { facts, state: 'started', attempt, told: '', gap });
    return true;
  }

  /** False when the step had ended before. */
  end(name: string): boolean {
    const step = this.steps.get(name);
    if (step?.state !== 'started') return false;
    step.state = 'ended';
    return true;
  }

  /** Name of the step the definition has at `index`. */
  nameAt(index: number): string | undefined {
    return this.definition?.[index]?.name;
  }

  /** Pieces of steps under way may get lost from now on. */
  markGap(): void {
    for (const step of this.steps.values()) if (step.state === 'started') step.gap = true;
  }
}
