import { TEXTS } from '../../shared/protocol/texts.ts';
import { ended, startAll } from './acts.ts';
import type { Findings } from './criteria.ts';
import type { Crowd } from './crowd.ts';
import { until } from './until.ts';

/** A level is left ten seconds after the crowd is gone; then everybody is told (ms). */
const CLEARED_MS = 20_000;

/** How old a copy of the status may be (ms). */
const COPY_MS = 10_000;

/** Breaks the primary provider, or mends it. */
export type SetPrimary = (mode: 'unavailable' | 'ok') => Promise<void>;

/** The primary provider goes down while thirty users are there. */
export async function theProvider(crowd: Crowd, findings: Findings, setPrimary: SetPrimary): Promise<void> {
  await setPrimary('unavailable');
  try {
    const started = await startAll(crowd, crowd.workflows.model, 5);
    const runs = await ended(crowd, started);
    findings.check(
      'core',
      runs.every(({ status }) => status === 'succeeded'),
      `runs with a model: ${runs.map(({ status }) => status)}`,
    );
    for (const { owner, answer } of started) {
      const told = owner.heardOf('PROVIDER_SWITCHED', answer.run_id).map(({ data }) => data.message);
      findings.check(
        'told_of_failover',
        told.length === 1 && told[0] === TEXTS.providerSwitched,
        `${answer.run_id}: ${told.join(' / ') || 'nothing'}`,
      );
    }
    const isBackup = async () =>
      (await crowd.admin.status()).providers.some(({ role, active }) => role === 'backup' && active);
    findings.check('failover', await until(isBackup, 5_000), 'the status does not name the backup as the one in use');
  } finally {
    await setPrimary('ok');
  }
}

/** What everybody may read while it lasts. */
export async function theStatusPage(crowd: Crowd, findings: Findings, url: string): Promise<void> {
  const expected = new Date(Date.now() + 30 * 60_000).toISOString();
  const incident = await crowd.admin.operations.openIncident({
    title: 'Story: very high demand',
    impact: 'minor',
    message: 'A load test is running.',
    estimated_resolution_at: expected,
  });
  try {
    // No token: it is public. Each replica's copy may be some seconds old.
    const read = async () =>
      (await (await fetch(`${url}/api/v1/system/status`)).json()) as Awaited<ReturnType<typeof crowd.admin.status>>;
    let status = await read();
    await until(async () => {
      status = await read();
      return status.incidents.some(({ id }) => id === incident.id) && status.estimated_resolution_at !== null;
    }, COPY_MS);
    findings.check('status', status.status === 'Degraded', `status is ${status.status}`);
    findings.check('status', status.capacity.level === 'saturated', `level is ${status.capacity.level}`);
    findings.check('status', status.capacity.active_users === 30, `${status.capacity.active_users} users`);
    findings.check('status', status.features.disabled.length === 3, `off: ${status.features.disabled}`);
    const known = status.incidents.map(({ title }) => title);
    findings.check('status', known.includes(incident.title), `known issues: ${known.join(', ') || 'none'}`);
    const latest = status.estimated_resolution_at;
    findings.check('resolution', latest !== null && Date.parse(latest) >= Date.parse(expected), `estimate: ${latest}`);
    const onPage = async () => (await (await fetch(`${url}/status`)).text()).includes(incident.title);
    findings.check('status', await until(onPage, COPY_MS), 'the page at /status does not name the incident');
  } finally {
    await crowd.admin.operations.updateIncident(incident.id, { status: 'resolved', message: 'The load test is over.' });
  }
}

/** Twenty leave; those who stay are told, and a start runs at once. */
export async function theEnd(crowd: Crowd, findings: Findings): Promise<void> {
  const stay = crowd.people.slice(0, 10);
  await crowd.leave(crowd.people.slice(10));
  for (const type of ['CAPACITY_CLEARED', 'DEGRADED_MODE_CLEARED'] as const) {
    const told = () => stay.filter((person) => person.heard(type).length === 1).length;
    await until(() => told() === stay.length, CLEARED_MS);
    findings.check('drained', told() === stay.length, `${told()} of ${stay.length} heard ${type} once`);
  }
  const { queue_length: length, active_workflows: running } = await crowd.admin.capacity();
  findings.check('drained', length === 0 && running === 0, `${length} wait, ${running} run`);
  const again = await startAll(crowd, crowd.workflows.short, 1);
  findings.check('drained', again[0]?.answer.queue === null, 'a start had to wait afterwards');
  const [last] = await ended(crowd, again);
  findings.check('drained', last?.status === 'succeeded', `the last run is ${last?.status}`);
  for (const person of crowd.people) {
    for (const type of ['CAPACITY_WARNING', 'DEGRADED_MODE_ACTIVE'] as const) {
      const times = person.heard(type).length;
      // Somebody who came at 30 is told at the door.
      findings.check('right_messages', times === 1, `${person.who.userId} heard ${type} ${times} times`);
    }
  }
  findings.check('right_messages', crowd.faults.length === 0, crowd.faults.join('; '));
}
