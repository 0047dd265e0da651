/** Sockets told in one turn of the event loop (some 5 ms), so that a replica with many stays responsive. */
const PER_TURN = 500;

/** Calls `visit` for each, some hundred a turn; false ends it. A Set's iterator also visits what is added meanwhile, and skips what is deleted. */
export async function inTurns<Item>(items: Iterable<Item>, visit: (item: Item) => boolean): Promise<void> {
  let count = 0;
  for (const item of items) {
    if (!visit(item)) return;
    if (++count % PER_TURN === 0) await new Promise(setImmediate);
  }
}
