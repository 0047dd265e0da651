import { Logger, makeWorkerUtils, type Runner, run } from 'graphile-worker';
import { type JobData, jobData, type OpenEngine, Workshop } from './engine.ts';
import { ownDatabase } from './own-database.ts';

const FILL_AT_ONCE = 10_000;
const SILENT = new Logger(() => () => {});

/** graphile-worker: woken by LISTEN/NOTIFY, one transaction for an accepted job. */
export const openGraphile: OpenEngine = async ({ postgres }, workMs) => {
  const database = await ownDatabase(postgres.url);
  const pool = database.pool(12);
  const utils = await makeWorkerUtils({ pgPool: pool, logger: SILENT });
  await utils.migrate();
  const workshop = new Workshop(workMs);
  let runner: Runner | undefined;
  return {
    accept: () => utils.addJob('run', jobData()),
    async fill(count) {
      for (let left = count; left > 0; left -= FILL_AT_ONCE) {
        await pool.query(
          `SELECT count(*) FROM graphile_worker.add_jobs(ARRAY(
             SELECT ROW('run', $1::json, NULL, NULL, NULL, NULL, NULL, NULL)::graphile_worker.job_spec FROM generate_series(1, $2)))`,
          [JSON.stringify(jobData()), Math.min(left, FILL_AT_ONCE)],
        );
      }
    },
    async work(slots) {
      runner = await run({
        pgPool: pool,
        concurrency: slots,
        noHandleSignals: true,
        logger: SILENT,
        taskList: { run: (data) => workshop.work(data as JobData) },
      });
    },
    ended: async () => workshop.times.length,
    times: async () => workshop.times,
    async close() {
      await runner?.stop();
      await utils.release();
      await pool.end();
      await database.drop();
    },
  };
};
