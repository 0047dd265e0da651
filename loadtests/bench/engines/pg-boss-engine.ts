import PgBoss from 'pg-boss';
import { type JobData, jobData, type OpenEngine, Workshop } from './engine.ts';
import { ownDatabase } from './own-database.ts';

const FILL_AT_ONCE = 10_000;
const QUEUE = 'run';
/** The shortest it allows (s): it looks for jobs, nobody wakes it. */
const POLL_SECONDS = 0.5;
/** Loops that each fetch their own jobs; beyond, each takes several at once, as it recommends for many small jobs. */
const MAX_LOOPS = 10;

/** pg-boss: polls. */
export const openPgBoss: OpenEngine = async ({ postgres }, workMs) => {
  const database = await ownDatabase(postgres.url);
  const boss = new PgBoss({ connectionString: database.url, max: 12, supervise: false, schedule: false });
  boss.on('error', () => {});
  await boss.start();
  await boss.createQueue(QUEUE);
  const workshop = new Workshop(workMs);
  return {
    accept: () => boss.send(QUEUE, jobData()),
    async fill(count) {
      for (let left = count; left > 0; left -= FILL_AT_ONCE) {
        const jobs = Array.from({ length: Math.min(left, FILL_AT_ONCE) }, () => ({ name: QUEUE, data: jobData() }));
        await boss.insert(jobs);
      }
    },
    async work(slots) {
      const loops = Math.min(slots, MAX_LOOPS);
      const options = { pollingIntervalSeconds: POLL_SECONDS, batchSize: Math.ceil(slots / loops) };
      for (let loop = 0; loop < loops; loop++) {
        await boss.work<JobData>(QUEUE, options, (jobs) => Promise.all(jobs.map(({ data }) => workshop.work(data))));
      }
    },
    ended: async () => workshop.times.length,
    times: async () => workshop.times,
    async close() {
      await boss.stop({ graceful: false, wait: true });
      await database.drop();
    },
  };
};
