import { MicroBatcher, type MicroBatcherOptions } from '../shared/resilience/micro-batcher.ts';

export interface BatchWriterOptions<Item, Result> extends Pick<MicroBatcherOptions<Item, Result>, 'failsWaiting'> {
  /** The row an item is about. */
  keyOf(item: Item): string;
  /** Writes items about different rows, in the order of their keys, with one statement; one result per item, in the same order. */
  write(items: Item[]): Promise<Result[]>;
}

/** Beyond this many rows a statement gains nothing more per row and only delays the first of them. */
const MAX_BATCH = 200;
/** One batch on its way while Postgres works on the other. */
const MAX_IN_FLIGHT = 2;

/**
 * Collects single writes that arrive in the same moment into one statement. Within a statement the rows are in the order of their keys,
 * so that two statements about the same rows wait for each other instead of dead-locking; items about the same row go into statements
 * of their own, one after the other, because one statement changes a row at most once.
 */
export class BatchWriter<Item, Result> {
  private readonly batcher: MicroBatcher<Item, Result>;

  constructor(private readonly options: BatchWriterOptions<Item, Result>) {
    this.batcher = new MicroBatcher({
      run: (items) => this.writeAll(items),
      maxBatch: MAX_BATCH,
      maxInFlight: MAX_IN_FLIGHT,
      ...(options.failsWaiting && { failsWaiting: options.failsWaiting }),
    });
  }

  add(item: Item): Promise<Result> {
    return this.batcher.add(item);
  }

  private async writeAll(items: Item[]): Promise<Result[]> {
    const results: Result[] = new Array(items.length);
    for (const round of this.rounds(items)) {
      const written = await this.options.write(round.map(({ item }) => item));
      round.forEach(({ index }, position) => {
        results[index] = written[position] as Result;
      });
    }
    return results;
  }

  /** The n-th item about a row is in the n-th round. */
  private rounds(items: Item[]): Array<Array<{ item: Item; index: number; key: string }>> {
    const rounds: Array<Array<{ item: Item; index: number; key: string }>> = [];
    const seen = new Map<string, number>();
    items.forEach((item, index) => {
      const key = this.options.keyOf(item);
      const turn = seen.get(key) ?? 0;
      seen.set(key, turn + 1);
      const round = rounds[turn] ?? [];
      round.push({ item, index, key });
      rounds[turn] = round;
    });
    for (const round of rounds) round.sort((a, b) => (a.key < b.key ? -1 : 1));
    return rounds;
  }
}
