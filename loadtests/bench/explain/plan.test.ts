import { expect } from 'chai';
import { essenceOf } from './plan.ts';

const UPDATE = `
Update on runs r  (cost=0.42..8.45 rows=1 width=78) (actual time=0.105..0.105 rows=1 loops=1)
  Buffers: shared hit=7 read=2 dirtied=1
  ->  Nested Loop  (cost=0.42..8.45 rows=1 width=78) (actual time=0.105..0.105 rows=1 loops=1)
        Buffers: shared hit=4
        ->  Function Scan on unnest item  (cost=0.01..0.02 rows=1 width=16) (actual time=0.01..0.01 rows=1 loops=1)
        ->  Index Scan using runs_pkey on runs r  (cost=0.42..8.44 rows=1 width=38) (actual time=0.05..0.05 rows=1 loops=1)
Planning Time: 0.2 ms
Execution Time: 0.139 ms
`;

const ONE = `
Index Scan using runs_pkey on runs r  (cost=0.42..8.44 rows=1 width=800) (actual time=0.01..0.01 rows=1 loops=1)
  Index Cond: (id = '0198c0de-0000-7000-8000-000000000001'::uuid)
  Buffers: shared hit=4
Execution Time: 0.02 ms
`;

const WHOLE = `
Limit  (cost=0.00..1.00 rows=1 width=8) (actual time=0.1..99.1 rows=20 loops=1)
  ->  Gather  (cost=0.00..1.00 rows=1 width=8) (actual time=0.1..99.1 rows=20 loops=1)
        ->  Parallel Seq Scan on runs r  (cost=0.00..1.00 rows=1 width=8) (actual time=0.1..99.1 rows=7 loops=3)
        ->  Seq Scan on run_steps s  (cost=0.00..1.00 rows=1 width=8) (never executed)
        ->  Bitmap Heap Scan on chats c  (cost=0.00..1.00 rows=1 width=8) (actual time=0.1..99.1 rows=7 loops=3)
              ->  Bitmap Index Scan on chats_undelivered  (cost=0.00..1.00 rows=1 width=0) (actual time=0.1..99.1 rows=7 loops=3)
  Buffers: shared read=31
Execution Time: 99.5 ms
`;

describe('the essence of a plan', () => {
  it('names the indexes, pages, rows and time', () => {
    expect(essenceOf(UPDATE)).to.deep.equal({
      scans: ['Index Scan using runs_pkey'],
      wholeTables: [],
      buffers: 9,
      rows: 1,
      ms: 0.139,
    });
  });

  it('reads a plan of one line', () => {
    expect(essenceOf(ONE).scans).to.deep.equal(['Index Scan using runs_pkey']);
  });

  it('sees a table that is read from end to end, unless that part was never executed', () => {
    const { scans, wholeTables, buffers } = essenceOf(WHOLE);
    expect(wholeTables).to.deep.equal(['runs']);
    expect(scans).to.deep.equal(['Parallel Seq Scan on runs', 'Bitmap Index Scan on chats_undelivered']);
    expect(buffers).to.equal(31);
  });
});
