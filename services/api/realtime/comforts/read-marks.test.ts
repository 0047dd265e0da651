import { expect } from 'chai';
import type { ReadMark } from '../../../../db/repositories/chat-participants.ts';
import { ReadMarks } from './read-marks.ts';

describe('ReadMarks', () => {
  const mark = (userId: string, seq: number): ReadMark => ({ runId: 'run', userId, seq });
  const marksWith = (markRead: (marks: readonly ReadMark[]) => Promise<ReadMark[]>) => {
    const stored: ReadMark[] = [];
    return { marks: new ReadMarks({ participants: { markRead }, onStored: (each) => stored.push(each) }), stored };
  };

  it('keeps the highest of each person and stores all in one statement', async () => {
    const statements: ReadMark[][] = [];
    const { marks, stored } = marksWith(async (batch) => {
      statements.push([...batch]);
      return [...batch];
    });
    expect([3, 5, 4].map((seq) => marks.accept(mark('ann', seq)))).to.deep.equal([true, false, false]);
    marks.accept(mark('bob', 1));
    await marks.flush();
    expect(statements).to.deep.equal([[mark('ann', 5), mark('bob', 1)]]);
    expect(stored).to.deep.equal(statements[0]);
    await marks.flush();
    expect(statements, 'nothing twice').to.have.length(1);
  });

  it('tells only what was news, and nothing that was forgotten before it was stored', async () => {
    const { marks, stored } = marksWith(async (batch) => batch.filter(({ userId }) => userId === 'bob'));
    marks.accept(mark('ann', 1));
    marks.clear();
    await marks.flush();
    marks.accept(mark('ann', 2));
    marks.accept(mark('bob', 2));
    await marks.flush();
    expect(stored).to.deep.equal([mark('bob', 2)]);
  });

  it('goes on after a statement that failed; those marks are lost, the next ones are not', async () => {
    let away = true;
    const { marks, stored } = marksWith(async (batch) => {
      if (away) throw new Error('away');
      return [...batch];
    });
    marks.accept(mark('ann', 1));
    await marks.flush();
    away = false;
    marks.accept(mark('ann', 2));
    await marks.flush();
    expect(stored).to.deep.equal([mark('ann', 2)]);
  });
});
