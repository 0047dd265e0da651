import { setTimeout as sleep } from 'node:timers/promises';
import type { EventStreams, UserEvent } from '../../redis/event-streams.ts';
import type { LocalCluster } from '../../services/local/local-cluster.ts';
import { row } from './figures.ts';
import { type Crowd, together } from './sockets-crowd.ts';

/** Users told something at once, and how often (ms) while the storm lasts. */
const AT_ONCE = 50;
const EVERY_MS = 100;
/** In one pipeline. */
const BATCH = 250;
/** For what was published last to arrive (ms). */
const PATIENCE_MS = 20_000;

/** An event as any run makes it; only its number matters. */
function eventFor(userId: string, n: number): UserEvent {
  const data = { message: 'A run starts.', run_id: `run-${n}`, workflow_id: 'bench', attempt: 1, step_count: 1 };
  return { userId, type: 'WORKFLOW_STARTING', data: data as UserEvent['data'] } as UserEvent;
}

/**
 * Every socket is cut at once, as Nginx goes away, and comes back by the client's own schedule. Everybody is told something while nobody is connected, and
 * some all the time. Afterwards everybody must have heard as many events as were published for him, in order and without a hole.
 */
export async function storm(
  crowd: Crowd,
  cluster: LocalCluster,
  events: Pick<EventStreams, 'publish'>,
  users: string[],
): Promise<void> {
  const published = new Map<string, number>();
  let n = 0;
  const tell = async (some: string[]): Promise<void> => {
    for (const user of some) published.set(user, (published.get(user) ?? 0) + 1);
    await events.publish(some.map((user) => eventFor(user, ++n)));
  };
  const some = () => Array.from({ length: AT_ONCE }, () => users[Math.floor(Math.random() * users.length)] ?? '');
  let going = true;
  const trickle = (async () => {
    for (; going; await sleep(EVERY_MS)) await tell(some());
  })();

  const back = await crowd.hear('back');
  const begun = Date.now();
  await cluster.nginx.stop();
  for (let at = 0; at < users.length; at += BATCH) await tell(users.slice(at, at + BATCH));
  await cluster.nginx.start();
  const restored = Date.now();
  const { count, lastAt } = together(await Promise.all(back));
  going = false;
  await trickle;
  const lost = await missing(crowd, published);
  const { faults } = await crowd.tally();
  console.log(
    row('  storm', {
      'back again': count,
      's to the last': (lastAt - begun) / 1_000,
      's without Nginx': (restored - begun) / 1_000,
      published: n,
      missing: lost,
      'holes, repeats': faults.length,
    }),
  );
  for (const fault of faults.slice(0, 5)) console.log(`    ${fault}`);
}

/** Events that were published and not heard, once all were, or patience has ended. */
async function missing(crowd: Crowd, published: ReadonlyMap<string, number>): Promise<number> {
  for (const until = Date.now() + PATIENCE_MS; ; await sleep(500)) {
    const { events } = await crowd.tally();
    let lost = 0;
    for (const [user, count] of published) lost += Math.abs(count - (events.get(user) ?? 0));
    if (lost === 0 || Date.now() > until) return lost;
  }
}
