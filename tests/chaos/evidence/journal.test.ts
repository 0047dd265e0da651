import { expect } from 'chai';
import { until } from '../../support/until.ts';
import { JOURNAL, Links, WORKERS } from '../links/links.ts';
import { Journal } from './journal.ts';

describe('the journal on the other side of the steps', () => {
  let links: Links;
  let journal: Journal;

  /** Resolves to the number that the answer names; null: no answer came. */
  const call = async (step: string): Promise<number | null> => {
    const headers = { 'Idempotency-Key': `r1:${step}` };
    const response = await fetch(journal.url(0), { method: 'POST', headers }).catch(() => null);
    const said = response === null ? null : ((await response.json().catch(() => null)) as { effect: number } | null);
    return said?.effect ?? null;
  };

  beforeEach(async () => {
    links = new Links();
    journal = await Journal.open(links);
  });

  afterEach(async () => {
    await journal.close();
    await links.close();
  });

  it('writes down which run and step called, and answers with a number', async () => {
    expect([await call('first'), await call('second')]).to.deep.equal([1, 2]);
    await until(() => journal.effects.every(({ answeredAt }) => answeredAt !== null), {
      timeoutMs: 5_000,
      what: 'both to be answered',
    });
    expect(journal.effects.map(({ no, runId, step, answerLost }) => ({ no, runId, step, answerLost }))).to.deep.equal([
      { no: 1, runId: 'r1', step: 'first', answerLost: false },
      { no: 2, runId: 'r1', step: 'second', answerLost: false },
    ]);
  });

  it('knows which of its answers were lost on the line, and takes none for lost that was heard', async () => {
    await links.set(WORKERS, JOURNAL, { kind: 'lossy' });
    const heard = new Set<number | null>();
    // A line breaks at one of 250 pieces, and many wait for their repetition: together they take as long as the slowest.
    while (!journal.effects.some(({ answerLost }) => answerLost))
      for (const no of await Promise.all(Array.from({ length: 400 }, () => call('first')))) heard.add(no);
    for (const { no, answerLost } of journal.effects) expect(heard.has(no), `effect ${no}`).to.equal(!answerLost);
  });
});
