import type { Knex } from 'knex';

/**
 * What was wrong, and how the cluster fared.
 *
 * - One open incident per cause is the partial unique index `incidents_cause`: every replica may try to open it, one does. An automatic
 *   incident ends when nobody has seen its cause for a while (`last_seen_at`), so no replica has to remember that it opened one.
 * - Updates are never changed. `internal` ones are the record of who changed what and are shown to administrators only.
 * - A sample covers `resolution` seconds from `at`. Coarser ones are made from finer ones before those are deleted, so a year is a few
 *   thousand rows. `latency` are requests per bucket of LATENCY_BUCKETS (one more for those above), which can be added up, as percentiles
 *   cannot; `degraded` and `down` are seconds per component in the order of COMPONENTS.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE incidents (
      id uuid PRIMARY KEY,
      seq bigint GENERATED ALWAYS AS IDENTITY,
      started_at timestamptz NOT NULL,
      resolved_at timestamptz,
      scheduled_for timestamptz,
      scheduled_until timestamptz,
      estimated_resolution_at timestamptz,
      last_seen_at timestamptz,
      automatic boolean NOT NULL,
      title text NOT NULL,
      impact text NOT NULL,
      status text NOT NULL,
      components text[] NOT NULL,
      cause text,
      estimate_confidence text,
      estimated_by text,
      resolved_by text
    );
    CREATE UNIQUE INDEX incidents_cause ON incidents (cause) WHERE resolved_at IS NULL;
    CREATE UNIQUE INDEX incidents_seq ON incidents (seq);
    CREATE INDEX incidents_open ON incidents (seq) WHERE resolved_at IS NULL;

    CREATE TABLE incident_updates (
      id uuid PRIMARY KEY,
      incident_id uuid NOT NULL,
      seq bigint GENERATED ALWAYS AS IDENTITY,
      at timestamptz NOT NULL,
      internal boolean NOT NULL,
      status text NOT NULL,
      message text NOT NULL,
      written_by text NOT NULL
    );
    CREATE INDEX incident_updates_incident ON incident_updates (incident_id, seq);

    CREATE TABLE samples (
      at timestamptz NOT NULL,
      resolution integer NOT NULL,
      seconds integer NOT NULL,
      users integer,
      max_users integer,
      slots integer,
      max_slots integer,
      queue_length integer,
      level integer,
      sockets integer,
      started integer NOT NULL,
      finished integer NOT NULL,
      failed integer NOT NULL,
      requests integer NOT NULL,
      errors integer NOT NULL,
      latency integer[] NOT NULL,
      degraded integer[] NOT NULL,
      down integer[] NOT NULL,
      PRIMARY KEY (resolution, at)
    );
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TABLE samples;
    DROP TABLE incident_updates;
    DROP TABLE incidents;
  `);
}
