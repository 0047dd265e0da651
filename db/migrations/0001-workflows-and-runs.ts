import type { Knex } from 'knex';

/**
 * The main path: definitions, runs, their checkpoints, cluster settings, leader epochs.
 *
 * Made for one hot statement, the insert of many runs at once, hence:
 * - no foreign key from `runs` to `workflows` or from `run_steps` to `runs`: a lookup and a row lock per run to guard against deletes
 *   that do not exist (workflows are never deleted; a run is deleted only before anything was written about it);
 * - no trigger; only indexes that a statement needs (db/README.md names the statement of each);
 * - columns of fixed width first, so that they are read without walking over the texts;
 * - free space in each page (fillfactor): a checkpoint then mostly stays in its page and touches no index (heap-only tuple). Measured over
 *   whole lives of runs, 70 gave half of all updates heap-only (100: one in seven), and the smallest table in the end.
 * Uniqueness of (user, idempotency key) is on both as one text (a key contains no space). As two columns, the lookup of a key would have two
 * indexes that begin with the user to choose from, and for a user with a long history sometimes took the one that reads all of it.
 * A table whose rows all change several times is vacuumed early: dead entries at the `queued` and `running` ends of the indexes
 * are what the leader would read over and over.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE workflows (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      seq bigint GENERATED ALWAYS AS IDENTITY,
      created_at timestamptz NOT NULL DEFAULT now(),
      created_by text NOT NULL,
      name text NOT NULL,
      description text,
      steps jsonb NOT NULL
    );
    CREATE UNIQUE INDEX workflows_seq ON workflows (seq);

    CREATE TABLE runs (
      id uuid PRIMARY KEY,
      seq bigint GENERATED ALWAYS AS IDENTITY,
      workflow_id uuid NOT NULL,
      claim_id uuid,
      accepted_at timestamptz NOT NULL,
      expires_at timestamptz NOT NULL,
      granted_at timestamptz,
      started_at timestamptz,
      finished_at timestamptz,
      updated_at timestamptz NOT NULL,
      start_no bigint,
      attempt integer NOT NULL DEFAULT 0,
      max_attempts integer NOT NULL,
      step_count integer NOT NULL,
      current_step integer NOT NULL DEFAULT 0,
      status text NOT NULL DEFAULT 'queued'
        CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'timed_out')),
      priority text NOT NULL CHECK (priority IN ('high', 'normal', 'low')),
      user_id text NOT NULL,
      workflow_name text NOT NULL,
      request_hash text NOT NULL,
      idempotency_key text,
      correlation_id text NOT NULL,
      worker text,
      payload jsonb NOT NULL,
      step_state jsonb,
      result jsonb,
      error jsonb
    ) WITH (
      fillfactor = 70,
      autovacuum_vacuum_scale_factor = 0.02,
      autovacuum_analyze_scale_factor = 0.05
    );
    CREATE UNIQUE INDEX runs_idempotency ON runs ((idempotency_key || ' ' || user_id)) WHERE idempotency_key IS NOT NULL;
    CREATE INDEX runs_user_status ON runs (user_id, status, seq);
    CREATE INDEX runs_status ON runs (status, seq) WHERE status <> 'queued';
    CREATE INDEX runs_queued ON runs (accepted_at, seq) WHERE status = 'queued';
    CREATE INDEX runs_start_no ON runs (start_no) WHERE start_no IS NOT NULL;

    CREATE TABLE run_steps (
      run_id uuid NOT NULL,
      index integer NOT NULL,
      attempt integer NOT NULL,
      started_at timestamptz NOT NULL,
      finished_at timestamptz NOT NULL,
      name text NOT NULL,
      type text NOT NULL,
      output jsonb NOT NULL,
      usage jsonb,
      PRIMARY KEY (run_id, index)
    );

    CREATE TABLE settings (
      key text PRIMARY KEY,
      updated_at timestamptz NOT NULL,
      updated_by text NOT NULL,
      value jsonb NOT NULL
    );

    CREATE SEQUENCE leader_epoch AS bigint;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP SEQUENCE leader_epoch;
    DROP TABLE settings;
    DROP TABLE run_steps;
    DROP TABLE runs;
    DROP TABLE workflows;
  `);
}
