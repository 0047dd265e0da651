import { expect } from 'chai';
import fc from 'fast-check';
import { type EstimateInput, estimateWaits } from './estimate.ts';

const base: EstimateInput = { maxWorkflows: 1, running: [], waiting: [], samples: [], startsPerSecond: null };
const tenSeconds = [{ workflowId: 'a', ms: 10_000 }];

const workflow = fc.constantFrom('a', 'b', 'c');
const duration = fc.integer({ min: 0, max: 600_000 });
const inputs: fc.Arbitrary<EstimateInput> = fc.record({
  maxWorkflows: fc.integer({ min: 1, max: 30 }),
  running: fc.array(fc.record({ workflowId: fc.option(workflow), elapsedMs: duration }), { maxLength: 40 }),
  waiting: fc.array(workflow, { maxLength: 60 }),
  samples: fc.array(fc.record({ workflowId: workflow, ms: duration }), { minLength: 1, maxLength: 60 }),
  startsPerSecond: fc.option(fc.integer({ min: 1, max: 100 })),
});

describe('estimateWaits', () => {
  it('says nothing before any run has finished', () => {
    expect(estimateWaits({ ...base, waiting: ['a'] })).to.equal(null);
  });

  it('says nothing while there are no slots at all', () => {
    expect(estimateWaits({ ...base, maxWorkflows: 0, waiting: ['a'], samples: tenSeconds })).to.equal(null);
  });

  it('lets the first wait for what is left of the running run, and each further one for a whole service time more', () => {
    const running = [{ workflowId: 'a', elapsedMs: 4_000 }];
    expect(estimateWaits({ ...base, running, samples: tenSeconds }, 3)?.seconds).to.deep.equal([6, 16, 26]);
  });

  it('uses the service time of each workflow, and the mixture for one that nobody has seen finish', () => {
    const samples = [
      { workflowId: 'slow', ms: 30_000 },
      { workflowId: 'quick', ms: 2_000 },
    ];
    const waits = (waiting: string[]) => estimateWaits({ ...base, waiting, samples }, 2)?.seconds[1];
    expect(waits(['slow'])).to.equal(30);
    expect(waits(['quick'])).to.equal(2);
    expect(waits(['new'])).to.be.within(2, 30);
  });

  it('does not take a run that is overdue for a free slot', () => {
    const overdue = (elapsedMs: number) =>
      estimateWaits({ ...base, running: [{ workflowId: 'a', elapsedMs }], samples: tenSeconds }, 1)?.seconds;
    expect(overdue(13_000)).to.deep.equal([3]);
    expect(overdue(500_000)).to.deep.equal([10]);
  });

  it('starts nobody for the runs that have to leave first after the limit was lowered', () => {
    const running = [1_000, 4_000, 6_000].map((elapsedMs) => ({ workflowId: 'a', elapsedMs }));
    expect(estimateWaits({ ...base, running, samples: tenSeconds }, 2)?.seconds).to.deep.equal([9, 19]);
  });

  it('spaces starts by the pace of the level even when slots are free', () => {
    const input = { ...base, maxWorkflows: 10, samples: tenSeconds, startsPerSecond: 2 };
    expect(estimateWaits(input, 4)?.seconds).to.deep.equal([0, 0.5, 1, 1.5]);
  });

  it('follows a change of speed within a few runs, but not one outlier', () => {
    const usual = Array.from({ length: 20 }, () => ({ workflowId: 'a', ms: 2_000 }));
    const secondStart = (samples: EstimateInput['samples']) => estimateWaits({ ...base, samples }, 2)?.seconds[1];
    expect(secondStart([{ workflowId: 'a', ms: 600_000 }, ...usual])).to.equal(2);
    const slower = Array.from({ length: 10 }, () => ({ workflowId: 'a', ms: 20_000 }));
    expect(secondStart([...slower, ...usual])).to.be.within(14, 20);
  });

  it('is never shorter for a later position', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const waits = estimateWaits(input, 100)?.seconds ?? [];
        expect(waits).to.have.length(100);
        waits.forEach((wait, index) => {
          expect(wait).to.be.at.least(waits[index - 1] ?? 0);
        });
      }),
    );
  });

  it('is never longer with more slots', () => {
    fc.assert(
      fc.property(inputs, fc.integer({ min: 1, max: 10 }), (input, more) => {
        const few = estimateWaits(input, 100)?.seconds ?? [];
        const many = estimateWaits({ ...input, maxWorkflows: input.maxWorkflows + more }, 100)?.seconds ?? [];
        many.forEach((wait, index) => {
          expect(wait).to.be.at.most(few[index] ?? 0);
        });
      }),
    );
  });

  it('is never longer at a faster pace', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const paced = estimateWaits({ ...input, startsPerSecond: input.startsPerSecond ?? 5 }, 100)?.seconds ?? [];
        const free = estimateWaits({ ...input, startsPerSecond: null }, 100)?.seconds ?? [];
        free.forEach((wait, index) => {
          expect(wait).to.be.at.most(paced[index] ?? 0);
        });
      }),
    );
  });

  it('lies within its band', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const waits = estimateWaits(input, 100);
        waits?.seconds.forEach((wait, index) => {
          expect(wait).to.be.within(waits.low[index] ?? Number.NaN, waits.high[index] ?? Number.NaN);
        });
      }),
    );
  });

  it('needs only as much of the future as positions are asked for, however many slots there are', () => {
    const running = Array.from({ length: 50_000 }, (_, index) => ({ workflowId: 'a', elapsedMs: index % 10_000 }));
    const begun = performance.now();
    expect(estimateWaits({ ...base, maxWorkflows: 50_000, running, samples: tenSeconds })?.seconds).to.have.length(
      1000,
    );
    expect(performance.now() - begun, 'ms').to.be.below(3_000);
  });
});
