/**
 * Every error a client can meet: its stable code, HTTP status, title and the sentence a person reads.
 * What goes to the log is a different text (`WeirError.cause`, `WeirError.logDetail`); nothing internal is ever put here.
 * `docs/errors.md` is generated from this table and `make check` holds the two together.
 */
export const ERROR_CATALOGUE = {
  validation_failed: {
    status: 400,
    title: 'Invalid input',
    detail: 'Some of the values sent are not valid. The errors list names each field.',
  },
  malformed_json: { status: 400, title: 'Malformed JSON', detail: 'The body is not valid JSON.' },
  invalid_cursor: {
    status: 400,
    title: 'Invalid cursor',
    detail: 'The cursor is not one this server handed out. Start again from the first page.',
  },
  bad_request: {
    status: 400,
    title: 'Bad request',
    detail: 'The request is not well-formed HTTP, or its address is not.',
  },
  unauthenticated: {
    status: 401,
    title: 'Not signed in',
    detail: 'A valid access token is needed. Send it as "Authorization: Bearer <token>".',
  },
  forbidden: { status: 403, title: 'Not allowed', detail: 'Your role does not allow this.' },
  not_found: { status: 404, title: 'Not found', detail: 'There is nothing at this address.' },
  workflow_not_found: { status: 404, title: 'Workflow not found', detail: 'There is no workflow with this id.' },
  run_not_found: { status: 404, title: 'Run not found', detail: 'There is no run with this id, or it is not yours.' },
  participant_not_found: {
    status: 404,
    title: 'Participant not found',
    detail: 'This person does not take part in the conversation.',
  },
  incident_not_found: { status: 404, title: 'Incident not found', detail: 'There is no incident with this id.' },
  replica_not_found: { status: 404, title: 'Replica not found', detail: 'No running replica has this name.' },
  method_not_allowed: { status: 405, title: 'Method not allowed', detail: 'This address does not answer this method.' },
  run_not_cancellable: {
    status: 409,
    title: 'Run already ended',
    detail: 'Only queued and running runs can be cancelled.',
  },
  run_not_retryable: { status: 409, title: 'Run not failed', detail: 'Only failed runs can be retried.' },
  run_not_queued: {
    status: 409,
    title: 'Run does not wait',
    detail: 'Only the priority of a run that waits in the queue can be changed.',
  },
  incident_closed: {
    status: 409,
    title: 'Incident closed',
    detail: 'This incident is resolved. Open a new one if the trouble is back.',
  },
  incident_stage_invalid: {
    status: 409,
    title: 'Not a stage of this incident',
    detail:
      'Incidents are investigated, identified, monitored and resolved; maintenance is scheduled, in progress and completed.',
  },
  last_replica: {
    status: 409,
    title: 'Last replica',
    detail:
      'No other replica could take over, so the service would be away until it is started again. Add "?force=true" to do it all the same.',
  },
  too_many_participants: {
    status: 409,
    title: 'Conversation full',
    detail: 'As many people take part in this conversation as may. Remove somebody first.',
  },
  owner_stays: {
    status: 409,
    title: 'The owner stays',
    detail: 'The owner of a run always takes part in its conversation.',
  },
  request_timeout: { status: 408, title: 'Request too slow', detail: 'The request did not arrive completely in time.' },
  body_too_large: { status: 413, title: 'Body too large', detail: 'The body is larger than 64 KiB.' },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported media type',
    detail: 'Send JSON with "Content-Type: application/json".',
  },
  headers_too_large: { status: 431, title: 'Headers too large', detail: 'The headers are larger than 16 KiB.' },
  idempotency_key_reused: {
    status: 422,
    title: 'Idempotency key already used',
    detail: 'This Idempotency-Key was sent before with another request. Use a new key for a new request.',
  },
  user_queue_full: {
    status: 429,
    title: 'Too many waiting runs',
    detail: 'You have as many waiting runs as one user may have. Try again when one of them has started.',
  },
  user_rate_exceeded: {
    status: 429,
    title: 'Too many requests of one user',
    detail: 'You are sending requests faster than one user may. Please slow down; what you have started goes on.',
  },
  too_many_messages: {
    status: 429,
    title: 'Too many messages',
    detail: 'You are sending messages faster than a conversation can bear. Please wait a moment.',
  },
  queue_full: {
    status: 503,
    title: 'Queue full',
    detail: 'More runs are waiting than we can promise to start. Please try again later.',
  },
  users_full: {
    status: 503,
    title: 'Too many people connected',
    detail: 'We cannot take more live connections right now. Please try again shortly.',
  },
  storage_unavailable: {
    status: 503,
    title: 'Storage unavailable',
    detail: 'We cannot save your request right now, so it was not accepted. Please try again shortly.',
  },
  capacity_unavailable: {
    status: 503,
    title: 'Coordination unavailable',
    detail: 'Part of the service is restarting. Please try again shortly.',
  },
  identity_unavailable: {
    status: 503,
    title: 'Sign-in service unavailable',
    detail: 'We cannot check your access token right now. Please try again shortly.',
  },
  draining: {
    status: 503,
    title: 'Replica is stopping',
    detail: 'This replica is shutting down. Please send the request again.',
  },
  // The next three are answered by Nginx, when no replica was asked or none answered: nginx/snippets/problems.conf. A replica says the third
  // as well, of changes that Postgres has not answered.
  too_many_requests: {
    status: 429,
    title: 'Too many requests',
    detail:
      'Too many requests or live connections come from your network address. Please slow down and try again shortly.',
  },
  no_replica: {
    status: 503,
    title: 'No replica answers',
    detail: 'No part of the service could take your request right now. Please try again shortly.',
  },
  // Beware: of all refusals the one that may have been carried out.
  outcome_unknown: {
    status: 503,
    title: 'Outcome not known',
    detail:
      'The service did not answer in time, and may still have done what you asked. Look whether it has before you repeat it; a start with an Idempotency-Key can be repeated with the same key.',
  },
  internal: {
    status: 500,
    title: 'Internal error',
    detail: 'Something went wrong on our side. The correlation id helps us find out what.',
  },
} as const satisfies Record<string, { status: number; title: string; detail: string }>;

/** The stable `code` member of a problem document. */
export type ErrorCode = keyof typeof ERROR_CATALOGUE;
