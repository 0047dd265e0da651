import type pg from 'pg';

/** Waiting and running runs of a full cluster, at the end of the table; everything before them has ended. */
const QUEUED = 1_000;
const RUNNING = 100;
/** Somebody with a long history: three of ten runs. The others are spread over 5,000 users, few with many and many with few. */
export const BUSY_USER = 'ada';

/** Time-ordered, as the product makes them. `at`: Unix ms. */
const RUN_ID = (at: string) =>
  `(lpad(to_hex((${at})::bigint), 12, '0') || '7' || substr(md5(random()::text), 1, 3) || '8' || substr(md5(random()::text), 1, 15))::uuid`;

const WORKFLOWS = `
  INSERT INTO workflows (name, created_by, steps)
  SELECT 'workflow ' || n, 'user-' || n % 50,
    '[{"name":"draft","type":"llm","config":{"prompt":"Write about {{payload.topic}}"}},{"name":"wait","type":"delay","config":{"duration":1}}]'
  FROM generate_series(1, 200) n`;

/** Ninety days of runs; the last ones have been accepted within the last minutes. $1: how many. */
const RUNS = `
  WITH known AS (SELECT array_agg(id) AS ids, array_agg(name) AS names FROM workflows),
  drawn AS (
    SELECT n, random() AS fate, power(random(), 3) AS popularity, 1 + floor(200 * power(random(), 3))::integer AS workflow,
      CASE WHEN n > $1 - ${QUEUED + RUNNING} THEN now() - ($1 - n) * interval '200 milliseconds'
           ELSE now() - interval '5 minutes' - ($1 - n) * interval '7.7 seconds' END AS accepted
    FROM generate_series(1, $1::integer) n
  ), fated AS (
    SELECT *, CASE
        WHEN n > $1 - ${QUEUED} THEN 'queued' WHEN n > $1 - ${QUEUED + RUNNING} THEN 'running'
        WHEN fate < 0.93 THEN 'succeeded' WHEN fate < 0.97 THEN 'failed' WHEN fate < 0.99 THEN 'cancelled' ELSE 'timed_out' END AS status
    FROM drawn
  )
  INSERT INTO runs (id, workflow_id, workflow_name, accepted_at, expires_at, updated_at, granted_at, started_at, finished_at, start_no, worker,
    attempt, max_attempts, step_count, current_step, status, priority, user_id, request_hash, idempotency_key, correlation_id, payload, result, error)
  SELECT ${RUN_ID('extract(epoch FROM accepted) * 1000')}, ids[workflow], names[workflow], date_trunc('milliseconds', accepted),
    date_trunc('milliseconds', accepted) + interval '5 minutes', accepted, begun, begun, ended,
    CASE WHEN begun IS NOT NULL THEN n END, CASE WHEN begun IS NOT NULL THEN 'replica-' || n % 3 END,
    CASE WHEN begun IS NULL THEN 0 ELSE 1 END, 3, 2, CASE WHEN status = 'succeeded' THEN 2 WHEN status = 'running' THEN 1 ELSE 0 END, status,
    CASE WHEN n % 20 = 0 THEN 'high' WHEN n % 10 = 1 THEN 'low' ELSE 'normal' END,
    CASE WHEN n % 10 < 3 THEN '${BUSY_USER}' ELSE 'user-' || floor(5000 * popularity) END,
    CASE WHEN n % 5 = 0 THEN md5(n::text) ELSE '' END, CASE WHEN n % 5 = 0 THEN md5((n + 1)::text) END, md5((n + 2)::text),
    jsonb_build_object('topic', md5(n::text), 'notes', repeat(md5((n + 3)::text), 4)),
    CASE WHEN status = 'succeeded' THEN to_jsonb(repeat(md5((n + 4)::text), 8)) END,
    CASE WHEN status = 'failed' THEN '{"code":"provider_failed","reason":"No provider answered.","step":"draft"}'::jsonb END
  FROM fated, known,
    LATERAL (SELECT CASE WHEN status NOT IN ('queued', 'timed_out') THEN accepted + interval '1 second' END AS begun,
                    CASE WHEN status NOT IN ('queued', 'running') THEN accepted + interval '4 seconds' END AS ended) AS times
  ORDER BY n`;

const STEPS = `
  INSERT INTO run_steps (run_id, index, attempt, started_at, finished_at, name, type, output)
  SELECT r.id, step, 1, r.started_at, r.started_at + interval '1 second', CASE step WHEN 0 THEN 'draft' ELSE 'wait' END,
    CASE step WHEN 0 THEN 'llm' ELSE 'delay' END, to_jsonb(repeat(md5(r.id::text), 8))
  FROM runs r, generate_series(0, r.current_step - 1) step ORDER BY r.seq, step`;

/** One run in twenty is talked about, by two people. */
const CHATS = [
  `INSERT INTO chats (run_id, updated_at, last_seq, delivered_seq, people)
   SELECT id, accepted_at, 6, CASE WHEN seq % 20000 = 0 THEN 5 ELSE 6 END, 2 FROM runs WHERE seq % 20 = 0`,
  `INSERT INTO run_participants (run_id, user_id, invited_by, joined_at, read_seq)
   SELECT id, CASE guest WHEN 0 THEN user_id ELSE 'guest-' || seq % 700 END, CASE guest WHEN 1 THEN user_id END, accepted_at, 3
   FROM runs, generate_series(0, 1) guest WHERE seq % 20 = 0`,
  `INSERT INTO messages (run_id, seq, sent_at, sender, client_id, body)
   SELECT id, number, accepted_at, user_id, number::text, repeat(md5(number::text), 3) FROM runs, generate_series(1, 6) number WHERE seq % 20 = 0`,
];

/** Fills a migrated, empty database with this many runs and what belongs to them, as it is after vacuum. */
export async function fill(sql: pg.Client, runs: number): Promise<void> {
  await sql.query('SELECT setseed(0.5)');
  await sql.query(WORKFLOWS);
  await sql.query(RUNS, [runs]);
  for (const statement of [STEPS, ...CHATS]) await sql.query(statement);
  await sql.query('VACUUM (ANALYZE)');
}
