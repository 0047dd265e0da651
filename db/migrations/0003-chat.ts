import type { Knex } from 'knex';

/**
 * Chat beside runs, and the record of features that were switched.
 *
 * - `chats` is the counter and the lock of a chat: whoever takes a number (`last_seq`) or a place (`people`) holds the row until the
 *   statement ends, so numbers have no holes and places have a bound. `delivered_seq` behind `last_seq` is work left undone, which the
 *   partial index finds; it costs each message an entry that lives for a moment.
 * - `run_participants` has a row for the owner too, from the chat's beginning: one index then answers "which chats am I in".
 * - The same message sent twice hits `messages_client`; the statement fails as a whole and takes its number back.
 * - The number of a feature event comes from Redis and is its key: every replica may store it, one does.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE chats (
      run_id uuid PRIMARY KEY,
      updated_at timestamptz NOT NULL,
      last_seq integer NOT NULL DEFAULT 0,
      delivered_seq integer NOT NULL DEFAULT 0,
      people integer NOT NULL DEFAULT 1
    );
    CREATE INDEX chats_undelivered ON chats (updated_at) WHERE delivered_seq < last_seq;

    CREATE TABLE run_participants (
      run_id uuid NOT NULL,
      seq bigint GENERATED ALWAYS AS IDENTITY,
      joined_at timestamptz NOT NULL,
      read_seq integer NOT NULL DEFAULT 0,
      user_id text NOT NULL,
      invited_by text,
      PRIMARY KEY (run_id, user_id)
    );
    CREATE INDEX run_participants_user ON run_participants (user_id, seq);

    CREATE TABLE messages (
      run_id uuid NOT NULL,
      seq integer NOT NULL,
      sent_at timestamptz NOT NULL,
      sender text NOT NULL,
      client_id text NOT NULL,
      body text NOT NULL,
      PRIMARY KEY (run_id, seq)
    );
    CREATE UNIQUE INDEX messages_client ON messages (run_id, sender, client_id);

    CREATE TABLE feature_events (
      seq bigint PRIMARY KEY,
      at timestamptz NOT NULL,
      enabled boolean NOT NULL,
      feature text NOT NULL,
      forced text CHECK (forced IN ('on', 'off')),
      cause text NOT NULL,
      changed_by text NOT NULL,
      reason text NOT NULL,
      level text NOT NULL
    );
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TABLE feature_events;
    DROP TABLE messages;
    DROP TABLE run_participants;
    DROP TABLE chats;
  `);
}
