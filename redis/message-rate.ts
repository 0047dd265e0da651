import type { ScriptRunner } from './script-runner.ts';

/** Messages somebody may send at once, and the pace after that (ms between two). A person does not write faster; a program should not. */
export const MESSAGE_BURST = 20;
export const MESSAGE_SPACING_MS = 500;

/** How fast a user may send messages, over the whole cluster. */
export class MessageRate {
  constructor(private readonly scripts: ScriptRunner) {}

  /** 0: go on; else the milliseconds after which to ask again. */
  take(userId: string): Promise<number> {
    return this.scripts.user('takeMessage', userId, MESSAGE_SPACING_MS, MESSAGE_BURST);
  }
}
