import type { RunAnswer, TriggerAnswer } from '../../../shared/protocol/http.ts';
import { TEXTS } from '../../../shared/protocol/texts.ts';
import { ago, duration, instant } from '../../../shared/wording/duration.ts';
import { outputText } from '../watch/output-text.ts';
import { printable, printableLine } from './printable.ts';
import { queuePlace } from './queue-place.ts';
import { statusMark } from './status-mark.ts';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';
import { resultLines } from './value.ts';
import { OUTPUT_PREFIX, StreamWrapper } from './wrap.ts';

/** One run with everything that is known of it. */
export function renderRun(
  run: RunAnswer,
  { style, now, program, width }: { style: Style; now: number; program: string; width: number },
): string[] {
  const steps = run.steps ?? [];
  const result = resultLines(run.result, run.steps);
  const hint = hints(run, program);
  return [
    `${style.bold(printableLine(run.workflow_name))}  ${statusMark(run.status, style)}${took(run)}`,
    ...(run.error
      ? [
          `  ${style.red(`${run.error.step === null ? '' : `in step ${printableLine(run.error.step)}: `}${printableLine(run.error.reason)}`)}`,
        ]
      : []),
    '',
    ...renderTable(facts(run, style, now)),
    ...(steps.length > 0 ? ['', ...steps.flatMap((step) => stepLines(step, run.step_count, style, width))] : []),
    ...(result.length > 0 ? ['', style.dim('result'), ...result.map((line) => `  ${line}`)] : []),
    ...(hint === '' ? [] : ['', style.dim(hint)]),
  ];
}

/** The answer to a start, for people who do not watch it. */
export function renderTriggered(
  answer: TriggerAnswer,
  workflowName: string,
  style: Style,
  now: number,
  program: string,
): string[] {
  const place = answer.queue === null ? 'a slot is free, it starts now' : queuePlace(answer.queue, now);
  const state = answer.status === 'queued' ? place : `a repeat, the run is ${statusMark(answer.status, style)}`;
  const warning = answer.queue !== null && answer.message !== TEXTS.queued ? answer.message : undefined;
  return [
    `${style.green('✓')} ${style.bold(printableLine(workflowName))} is accepted: ${state}`,
    ...(warning === undefined ? [] : [`  ${style.yellow(printableLine(warning))}`]),
    ...renderTable([
      [style.dim('  Follow it'), `${program} watch ${answer.run_id}`],
      [style.dim('  Cancel it'), `${program} cancel ${answer.run_id}`],
    ]),
  ];
}

function facts(run: RunAnswer, style: Style, now: number): string[][] {
  const rows = [
    ['  run', run.id],
    ['  workflow', run.workflow_id],
    [
      '  user',
      `${printableLine(run.user_id)}, priority ${run.priority}${run.attempt > 1 ? `, attempt ${run.attempt}` : ''}`,
    ],
    ['  accepted', `${instant(run.accepted_at)} (${ago(run.accepted_at, now)})`],
  ];
  if (run.queue) rows.push(['  waiting', queuePlace(run.queue, now)]);
  if (run.started_at)
    rows.push([
      '  started',
      `${instant(run.started_at)}, after ${duration(Date.parse(run.started_at) - Date.parse(run.accepted_at))}`,
    ]);
  if (run.finished_at) rows.push(['  finished', instant(run.finished_at)]);
  if (run.usage) rows.push(['  model', modelUsage(run.usage)]);
  if (Object.keys(run.payload).length > 0) rows.push(['  payload', printableLine(JSON.stringify(run.payload), 80)]);
  rows.push(['  correlation', printableLine(run.correlation_id)]);
  return rows.map(([label, value]) => [style.dim(label ?? ''), value ?? '']);
}

function modelUsage({ input_tokens, output_tokens, cost_usd }: NonNullable<RunAnswer['usage']>): string {
  const cost =
    cost_usd === null
      ? ''
      : `, $${cost_usd.toLocaleString('en', { maximumSignificantDigits: 3, maximumFractionDigits: 9 })}`;
  return `${input_tokens} tokens in, ${output_tokens} out${cost}`;
}

function stepLines(
  step: NonNullable<RunAnswer['steps']>[number],
  count: number,
  style: Style,
  width: number,
): string[] {
  const took = duration(Date.parse(step.finished_at) - Date.parse(step.started_at));
  const wrapper = new StreamWrapper(style.dim(OUTPUT_PREFIX), width - OUTPUT_PREFIX.length - 1);
  const text = wrapper.feed(printable(outputText(step)).trimEnd()) + wrapper.end();
  return [
    `  ${style.green('✓')} ${step.index + 1}/${count} ${printableLine(step.name)}${style.dim(` · ${printableLine(step.type)}  ${took}`)}`,
    ...(text === '' ? [] : text.trimEnd().split('\n')),
  ];
}

function took(run: RunAnswer): string {
  return run.started_at && run.finished_at
    ? ` in ${duration(Date.parse(run.finished_at) - Date.parse(run.started_at))}`
    : '';
}

function hints(run: RunAnswer, program: string): string {
  if (run.status === 'failed') return `Go on from the last finished step: ${program} retry ${run.id} --watch`;
  if (run.status === 'queued' || run.status === 'running') return `Follow it: ${program} watch ${run.id}`;
  return '';
}
