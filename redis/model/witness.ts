import { inspect, isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import type { ClockedStore } from '../clocked-store.ts';
import type { Keys } from '../keys.ts';
import { expectedAnswers, readAnswers } from './expected-answers.ts';
import { expectedState } from './expected-state.ts';
import { HistoryRules } from './history-rules.ts';
import { type RedisState, readRedisState } from './redis-state.ts';
import { STATE_RULES } from './state-rules.ts';
import { type Heard, isDequeued, levelIn, STEP_RULES } from './step-rules.ts';
import type { Deed, Stage } from './steps/step.ts';

/** Longest life (ms) of a level without an evaluation. */
const LEVEL_LIFE_MS = 30_000;

/** Sees what each step has done to Redis: it must be what the model says, and break no rule. */
export class Witness {
  private before: RedisState | undefined;
  private history = new HistoryRules();
  private heard: Heard = { wakes: 0, announced: [], toldToStop: [] };

  constructor(
    private readonly store: ClockedStore,
    private readonly keys: Keys,
  ) {
    store.channels.onWake(() => void this.heard.wakes++);
    store.channels.onAnnounce((level) => void this.heard.announced.push(level));
    store.channels.onControl((message) => {
      if (message.kind === 'cancel') this.heard.toldToStop.push(message.runId);
    });
  }

  /** A new sequence of steps begins. */
  async begin(): Promise<void> {
    this.history = new HistoryRules();
    this.before = await readRedisState(this.store.connections.command, this.keys);
    await this.listen();
  }

  async see({ capacity, book }: Stage, deed: Deed): Promise<void> {
    const runIds = book.runs.map(({ runId }) => runId);
    const { command } = this.store.connections;
    const [after, answers, heard, levelLife] = await Promise.all([
      readRedisState(command, this.keys),
      readAnswers(this.store, runIds),
      this.listen(),
      this.levelLife(),
    ]);

    const level = levelIn(deed.answer);
    equal(deed.answer, deed.expected, `answer: ${deed.story}`);
    equal(after, expectedState(capacity), `keys after: ${deed.story}`);
    equal(answers, expectedAnswers(capacity, runIds), `what others see after: ${deed.story}`);
    equal(heard.announced, capacity.crowd.announced.splice(0), `levels announced by: ${deed.story}`);
    equal(heard.toldToStop, capacity.runs.toldToStop.splice(0), `orders to stop by: ${deed.story}`);
    if (level) expect(levelLife, `life of the level after: ${deed.story}`).to.be.within(1, LEVEL_LIFE_MS);

    const { now } = capacity;
    const before = this.before ?? after;
    this.before = after;
    const dequeued = isDequeued(deed.answer) ? deed.answer : null;
    const { answer, attempts = [], epoch = null } = deed;
    const seen = { before, after, answer, attempts, epoch, heard, now, book };
    const broken = [
      ...Object.keys(STATE_RULES).filter((rule) => !STATE_RULES[rule]?.(after)),
      ...Object.keys(STEP_RULES).filter((rule) => !STEP_RULES[rule]?.(seen)),
      ...this.history.see({ before, after, heard, dequeued, level: level ?? null, now }),
    ];
    if (broken.length > 0) throw new Error(`broken by: ${deed.story}\n  ${broken.join('\n  ')}`);
  }

  /** What has been published so far: it reaches the connection of the subscriptions before the answer to a PING there. */
  private async listen(): Promise<Heard> {
    await this.store.connections.subscriber.ping();
    const { heard } = this;
    this.heard = { wakes: 0, announced: [], toldToStop: [] };
    return heard;
  }

  /** Time (ms) after which the level would lapse. That is by the real clock, so it is switched off here; the test's clock plays it. */
  private async levelLife(): Promise<number> {
    const { command } = this.store.connections;
    const level = this.keys.capacity('level');
    const [life] = await Promise.all([command.pttl(level), command.persist(level)]);
    return life;
  }
}

/** Fails with the parts that differ, and these only. */
function equal(actual: unknown, expected: unknown, what: string): void {
  if (isDeepStrictEqual(actual, expected)) return;
  const [is, should] = [partsOf(actual), partsOf(expected)];
  const names = [...new Set([...is.keys(), ...should.keys()])];
  const lines = names
    .filter((name) => !isDeepStrictEqual(is.get(name), should.get(name)))
    .map((name) => `\n  ${name} is ${show(is.get(name))}\n  ${name} should be ${show(should.get(name))}`);
  throw new Error(`${what}${lines.join('')}`);
}

function partsOf(value: unknown): Map<string, unknown> {
  const apart = typeof value === 'object' && value !== null && !Array.isArray(value);
  return new Map(apart ? Object.entries(value) : [['it', value]]);
}

function show(value: unknown): string {
  return inspect(value, { depth: 6, breakLength: Number.POSITIVE_INFINITY });
}
