import type { Postgres } from '../postgres.ts';
import type { Statement } from '../statement.ts';

const NEXT: Statement = { name: 'leaderEpochs.next', text: `SELECT nextval('leader_epoch') AS epoch` };

/** Numbers of leaderships. From Postgres, so that they go on rising when Redis has lost its data. */
export class LeaderEpochs {
  constructor(private readonly postgres: Postgres) {}

  /** Higher than every number given out before, to anybody. Some numbers may be skipped. */
  async next(): Promise<number> {
    const [row] = await this.postgres.run<{ epoch: number }>(NEXT);
    if (row === undefined) throw new Error('nextval answered no row');
    return row.epoch;
  }
}
