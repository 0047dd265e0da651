import type { LiveConnection } from '../../../shared/protocol/client/live-connection.ts';
import type { EventFrame } from '../../../shared/protocol/events.ts';
import type { RunAnswer, TriggerAnswer, WorkflowAnswer } from '../../../shared/protocol/http.ts';
import { isFinal } from '../../../shared/workflow/run-state.ts';
import { EXIT_CODES, type ExitCode } from '../exit-code.ts';
import { printableLine } from '../render/printable.ts';
import { renderTable } from '../render/table.ts';
import { WatchView } from '../render/watch-view.ts';
import type { CliServer, TokenRole } from '../server/cli-server.ts';
import type { Session } from '../session.ts';
import { concernsRun } from '../watch/concerns-run.ts';
import { followRun } from '../watch/follow.ts';
import { RunWatcher } from '../watch/run-watcher.ts';
import { Screen } from '../watch/screen.ts';
import type { WatchUpdate } from '../watch/updates.ts';

export interface WatchRunOptions {
  session: Session;
  server: CliServer;
  role: TokenRole;
  live: LiveConnection;
  /** Frames `live` brought before the run was known. */
  earlier: readonly EventFrame[];
  runId: string;
  /** User id of the run's owner. */
  owner: string;
  workflow: Pick<WorkflowAnswer, 'name' | 'steps'> | null;
  stepCount: number;
  /** The answer to the start, when it has just been started. */
  accepted: TriggerAnswer | null;
}

/** Shows a run until it ends or Ctrl-C is pressed; the exit code says how it ended. */
export async function watchRun(options: WatchRunOptions): Promise<ExitCode> {
  const { session, server, role, live, runId } = options;
  const output = session.console.json ? jsonLines(options) : people(options);
  const fetchRun = async (): Promise<RunAnswer> => {
    const run = await server.api(role).getRun(runId);
    output.run(run);
    return run;
  };
  const definition = options.workflow?.steps ?? null;
  const watcher = new RunWatcher({ runId, definition, fetchRun, emit: (update) => output.update(update) });
  const offFrames = live.onFrame((frame) => output.frame(frame));
  options.earlier.forEach((frame) => void output.frame(frame));
  if (options.accepted) watcher.accepted(options.accepted);
  try {
    const ending = await followRun({
      watcher,
      feed: live,
      earlier: options.earlier,
      owner: options.owner,
      signal: session.interrupted(),
    });
    if (ending !== null) return ending.status === 'succeeded' ? EXIT_CODES.ok : EXIT_CODES.runFailed;
  } finally {
    output.close();
    offFrames();
  }
  const { console, program } = session;
  console.note([
    'Stopped watching; the run goes on.',
    ...renderTable([
      [console.noteStyle.dim('  Come back'), `${program} watch ${runId}`],
      [console.noteStyle.dim('  Cancel it'), `${program} cancel ${runId}`],
    ]),
  ]);
  return EXIT_CODES.interrupted;
}

/** Where a watched run is shown, as a moving picture for people, or line by line for scripts. */
interface WatchOutput {
  update(update: WatchUpdate): void;
  frame(frame: EventFrame): void;
  run(run: RunAnswer): void;
  close(): void;
}

function people(options: WatchRunOptions): WatchOutput {
  const { session, runId, workflow, stepCount } = options;
  const { console, now, program } = session;
  const { style } = console;
  const screen = new Screen({ write: (text) => console.write(text), columns: () => console.columns(), now });
  const width = console.columns() ?? Number.POSITIVE_INFINITY;
  const view = new WatchView({ style, width, stepCount, now, program, runId });
  const facts = `${stepCount} ${stepCount === 1 ? 'step' : 'steps'} · run ${runId}`;
  console.print([`${style.bold(printableLine(workflow?.name ?? 'workflow'))}  ${style.dim(facts)}`]);
  return {
    update: (update) => screen.put(view.show(update)),
    frame: () => {},
    run: () => {},
    close: () => screen.close(),
  };
}

function jsonLines({ session, runId, accepted }: WatchRunOptions): WatchOutput {
  const { console } = session;
  let shown = '';
  let ended = false;
  const run = (document: RunAnswer): void => {
    const state = JSON.stringify([document.status, document.current_step, document.attempt]);
    if (state !== shown && !ended) console.document({ type: 'RUN', data: document });
    shown = state;
    ended ||= isFinal(document.status);
  };
  if (accepted) console.document({ type: 'ACCEPTED', data: accepted });
  return {
    update: (update) => {
      if (update.kind === 'ended') ended = true;
    },
    frame: (frame) => {
      if (!ended && concernsRun(frame, runId)) console.document(frame);
    },
    run,
    close: () => {},
  };
}
