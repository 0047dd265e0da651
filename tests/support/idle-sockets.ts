import WebSocket from 'ws';

/**
 * A process that opens sockets and holds them, so that a test can weigh the server's side alone. Told `{ url, tokens }` by message;
 * answers `open` when every socket has had its first frame. Ends with its parent.
 */
process.once('message', async ({ url, tokens }: { url: string; tokens: string[] }) => {
  await inParallel(50, tokens, async (token) => {
    const socket = new WebSocket(url, { headers: { Authorization: `Bearer ${token}` } });
    await new Promise((resolve, reject) => socket.once('message', resolve).once('error', reject));
  });
  process.send?.('open');
});
process.once('disconnect', () => process.exit());

async function inParallel<Item>(width: number, items: Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const rest = items.values();
  const worker = async (): Promise<void> => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
}
