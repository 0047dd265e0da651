import { PRIORITIES } from '../../../shared/workflow/priority.ts';
import { RUN_STATUSES } from '../../../shared/workflow/run-state.ts';
import type { CommandSpec } from './command-spec.ts';

const json = { about: 'One JSON document on standard output, nothing else.' };
const jsonLines = { about: 'JSON on standard output, nothing else: one document, with --watch one a line.' };
const watchSwitch = { about: 'Follow the run until it ends.', short: 'w' };
const all = { about: "Everybody's, not only yours (administrators)." };
const page = (most: number) => ({
  limit: { about: `How many, 1 to 100 (${most}).`, value: 'n' },
  cursor: { about: 'Go on where an earlier page ended.', value: 'cursor' },
});
const runId = { min: 1, max: 1, missing: 'Say which run, by its id; "last" is your newest.' };
const none = { min: 0, max: 0, missing: '' };

const LINES_NOTE =
  'With --json each line is an event of the run as the server sent it, or {"type":"RUN","data":…} with the whole run; the last line is always the RUN in its final state.';

/** Every command, in the order of the help. */
export const COMMAND_SPECS = [
  {
    name: 'run',
    usage: ['run <file.json | workflow-id> [options]'],
    summary: 'Start a workflow from a file',
    positionals: { min: 1, max: 1, missing: 'Say which file to run, such as examples/hello.json.' },
    options: {
      payload: { about: 'JSON object for the templates, or @ and a file.', value: '{…}|@file', short: 'p' },
      priority: { about: `One of ${PRIORITIES.join(', ')}.`, value: 'p' },
      'idempotency-key': { about: 'Sent twice with the same file and payload it starts one run.', value: 'key' },
      watch: watchSwitch,
      json: jsonLines,
    },
    notes: [LINES_NOTE, 'Ctrl-C ends the watching, not the run.'],
    examples: ['run examples/hello.json --watch', `run examples/chain.json --payload '{"topic":"tides"}' -w`],
  },
  {
    name: 'watch',
    usage: ['watch <run-id>'],
    summary: 'Follow a run until it ends',
    positionals: runId,
    options: { json: { about: 'JSON lines on standard output, nothing else.' } },
    notes: [LINES_NOTE, 'Ctrl-C ends the watching, not the run.'],
    examples: ['watch last'],
  },
  {
    name: 'status',
    usage: ['status'],
    summary: 'How the cluster is doing',
    positionals: none,
    options: { json },
    notes: ['Needs no token. Exit code 4 when the cluster says that it is down.'],
    examples: ['status', 'status --json'],
  },
  {
    name: 'runs',
    usage: ['runs [options]'],
    summary: 'Your runs, newest first',
    positionals: none,
    options: {
      status: { about: `Only ${RUN_STATUSES.join(', ')}.`, value: 'status' },
      ...page(20),
      all,
      json,
    },
    examples: ['runs --status failed', 'runs --limit 5 --json'],
  },
  {
    name: 'show',
    usage: ['show <run-id>'],
    summary: 'One run: times, steps, result',
    positionals: runId,
    options: { json },
    examples: ['show last'],
  },
  {
    name: 'cancel',
    usage: ['cancel <run-id>'],
    summary: 'Stop a run that waits or runs',
    positionals: runId,
    options: { json },
    examples: ['cancel last'],
  },
  {
    name: 'retry',
    usage: ['retry <run-id> [--watch]'],
    summary: 'Run a failed run again from its last finished step',
    positionals: runId,
    options: { watch: watchSwitch, json: jsonLines },
    examples: ['retry last --watch'],
  },
  {
    name: 'queue',
    usage: ['queue [options]'],
    summary: 'Your places in the queue',
    positionals: none,
    options: { ...page(100), all, json },
    examples: ['queue', 'queue --all'],
  },
  {
    name: 'capacity',
    usage: ['capacity', 'capacity set <limit>=<number> …'],
    summary: 'Limits, use and replicas; change the limits (administrators)',
    positionals: { min: 0, max: Number.POSITIVE_INFINITY, missing: '' },
    options: { json },
    notes: ['A changed limit holds for every replica at once, while everything runs.'],
    examples: ['capacity', 'capacity set max_workflows=20 max_users=50'],
  },
  {
    name: 'providers',
    usage: ['providers', 'providers use <provider>', 'providers release'],
    summary: 'How the model providers stand; force one (administrators)',
    positionals: { min: 0, max: 3, missing: '' },
    options: { json },
    notes: ['A forced provider is asked first until it is released; one that is down is still passed over.'],
    examples: ['providers', 'providers use backup', 'providers release'],
  },
  {
    name: 'help',
    usage: ['help [command]'],
    summary: 'This page, or the page of a command',
    positionals: { min: 0, max: 1, missing: '' },
    options: {},
    examples: ['help run'],
  },
] as const satisfies readonly CommandSpec[];

export type CommandName = (typeof COMMAND_SPECS)[number]['name'];
