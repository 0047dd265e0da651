import { expect } from 'chai';
import fc from 'fast-check';
import { type OwnClockedStore, ownClockedStore } from '../tests/support/own-clocked-store.ts';
import { propertyRuns } from '../tests/support/property-runs.ts';
import type { ClockedStore } from './clocked-store.ts';

const PROVIDER = 'primary';
const OPEN_MS = 20_000;
const LEASE_MS = 13_000;
const SEQUENCES = 150;
const MAX_STEPS = 40;

/** A probe somebody was given: to be concluded once, late or never. */
interface Grant {
  no: number;
  holder: string;
  until: number;
}

/** `pick` chooses among all grants so far, so that most outcomes come late, twice, or of an opening that is over. */
type Step = { do: 'open' | 'take' } | { do: 'fail' | 'release' | 'close'; pick: number } | { do: 'pass'; ms: number };

const pick = fc.nat({ max: 50 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom('open', 'take') }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('take') }) },
  fc.record({ do: fc.constantFrom('fail', 'release', 'close'), pick }),
  fc.record({
    do: fc.constant('pass'),
    ms: fc.constantFrom(1, 999, 1_000, LEASE_MS - 1, LEASE_MS, OPEN_MS - 1, OPEN_MS, 2 * OPEN_MS),
  }),
);

/** What any sequence may rely on; knows the answers given so far and nothing of the keys. */
class Watcher {
  private readonly grants: Grant[] = [];
  private live: Grant | null = null;
  private lastNo = 0;

  constructor(private readonly store: ClockedStore) {}

  async play(next: Step): Promise<void> {
    if (next.do === 'open') await this.open();
    else if (next.do === 'pass') await this.store.clock.advance(next.ms);
    else if (!('pick' in next)) await this.take();
    else {
      const grant = this.grants[this.grants.length - 1 - (next.pick % Math.max(1, this.grants.length))];
      if (grant) await this.conclude(next.do, grant);
    }
    const shown = await this.opening();
    expect(shown?.probing ?? false, 'shown as being probed').to.equal(this.liveGrant() !== null);
  }

  /** From wherever a sequence ended: either closed, or somebody may probe after the longest wait there is. */
  async expectNotWedged(): Promise<void> {
    for (let waited = 0; ; ) {
      const answer = await this.take();
      if (answer.kind !== 'wait') return;
      waited += answer.ms;
      expect(waited).to.be.at.most(Math.max(OPEN_MS, LEASE_MS));
      await this.store.clock.advance(answer.ms);
    }
  }

  private async open(): Promise<void> {
    const before = await this.opening();
    const { opened, opening } = await this.store.providers.open(PROVIDER, { reason: 'slow', by: 'r', openMs: OPEN_MS });
    expect(opened).to.equal(before === undefined);
    if (before) expect(opening).to.deep.equal(before);
    else {
      expect(opening.no).to.be.greaterThan(this.lastNo);
      this.lastNo = opening.no;
    }
  }

  private async take() {
    const holder = `h${this.grants.length}`;
    const before = await this.opening();
    const answer = await this.store.providers.takeProbe(PROVIDER, { holder, leaseMs: LEASE_MS });
    if (answer.kind === 'taken') {
      expect(this.liveGrant(), 'another one probes').to.equal(null);
      expect(before, 'due').to.include({ no: answer.no, probeInMs: 0 });
      expect(answer.no).to.equal(this.lastNo);
      this.live = { no: answer.no, holder, until: this.store.clock.now + LEASE_MS };
      this.grants.push(this.live);
    }
    return answer;
  }

  private async conclude(how: 'fail' | 'release' | 'close', grant: Grant): Promise<void> {
    const { providers } = this.store;
    const before = await this.opening();
    const holds = this.liveGrant() === grant;
    if (how === 'close') {
      const stands = before?.no === grant.no;
      const closed = await providers.close(PROVIDER, grant);
      // One that has lapsed is cleared away by Redis itself, whose clock is not the tests': closing what is left of it is no harm.
      if (before) expect(closed).to.equal(stands);
      if (stands) this.live = null;
      expect(await this.opening()).to.deep.equal(stands ? undefined : before);
      return;
    }
    if (how === 'release') await providers.releaseProbe(PROVIDER, grant);
    else {
      const probe = { ...grant, reason: 'slow', by: 'r', openMs: OPEN_MS };
      expect(await providers.reopen(PROVIDER, probe)).to.equal(holds);
    }
    if (!holds) expect(await this.opening(), 'left as it was').to.deep.equal(before);
    else {
      this.live = null;
      expect(await this.opening()).to.include({ no: grant.no, probeInMs: how === 'fail' ? OPEN_MS : 1_000 });
    }
  }

  private liveGrant(): Grant | null {
    return this.live && this.live.until > this.store.clock.now ? this.live : null;
  }

  private async opening() {
    return (await this.store.providers.read([PROVIDER])).openings.get(PROVIDER);
  }
}

/**
 * Redis runs one script at a time, so a sequence of steps is every interleaving there can be. A failure prints its shortest sequence;
 * to see it again: `MODEL_SEED=… MODEL_PATH=… npx mocha …`.
 */
describe('openings and probes of a provider, in any order', () => {
  let store: OwnClockedStore;

  before(async () => {
    store = await ownClockedStore();
  });
  after(() => store.close());

  it('give one probe at a time, let nobody end what is not theirs, and never wedge', async () => {
    await fc.assert(
      // Without bias: short sequences meet little.
      fc.asyncProperty(fc.noBias(fc.array(step, { maxLength: MAX_STEPS, size: 'max' })), async (steps) => {
        await store.reset();
        const watcher = new Watcher(store);
        for (const next of steps) await watcher.play(next);
        await watcher.expectNotWedged();
      }),
      propertyRuns(SEQUENCES),
    );
  }).timeout(60_000);
});
