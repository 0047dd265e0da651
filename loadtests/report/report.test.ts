import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Collector } from '../measure/collector.ts';
import { MetricsPage } from '../measure/metrics-page.ts';
import type { Sample } from '../measure/sample.ts';
import { type Summary, summarize } from '../measure/summary.ts';
import { breakingPoint, judge, TARGETS, thresholdsOf, type Verdict } from '../thresholds.ts';
import { figure } from './figures.ts';
import { growthRows } from './growth-table.ts';
import { remarks } from './remarks.ts';
import { writeReport } from './write-report.ts';

const BEGAN = Date.parse('2026-01-01T00:00:00Z');

function request(ms: number, outcome: 'ok' | 'refused' | 'failed' = 'ok', at = 0): Sample {
  const status = { ok: 200, refused: 503, failed: 500 }[outcome];
  return { kind: 'request', at: BEGAN + at, ms, addedMs: 80, route: 'GET /x', status, outcome, region: 'eu-west' };
}

function summaryOf(samples: Sample[], { wantedUsers = 5, presence = 1 } = {}): Summary {
  const collector = new Collector(BEGAN, 1_000);
  for (const sample of samples) collector.add(sample);
  collector.see({
    at: BEGAN + 500,
    level: 'elevated',
    activeUsers: 20,
    activeWorkflows: 3,
    queueLength: 2,
    replicas: [],
  });
  const occasion = { scenario: 'smoke', about: 'a <test>', target: 'http://127.0.0.1:1', timeScale: 1 };
  return summarize(collector, { ...occasion, wantedUsers, presence, endedAt: BEGAN + 10_000 });
}

const broken = (verdicts: Verdict[]) => verdicts.filter(({ holds }) => !holds).map(({ name }) => name);

describe('thresholds of a load test', () => {
  it('are those of the documents', () => {
    expect(TARGETS.request).to.deep.equal({ p50: 100, p95: 200, p99: 500 });
    expect([TARGETS.errors, TARGETS.faults.lost_run, TARGETS.faults.lost_event]).to.deep.equal([0.001, 0, 0]);
  });

  it('hold for a quick run and not for a slow one; what a region adds is not the service’s', () => {
    const quick = Array.from({ length: 100 }, () => request(50));
    expect(broken(judge(summaryOf(quick), TARGETS))).to.deep.equal([]);
    const slow = [...quick.slice(0, 90), ...Array.from({ length: 10 }, () => request(600))];
    expect(broken(judge(summaryOf(slow), TARGETS))).to.deep.equal(['requests p95', 'requests p99']);
  });

  it('one failed request of a thousand is too many, one lost event too', () => {
    const many = Array.from({ length: 999 }, () => request(5));
    expect(broken(judge(summaryOf([...many, request(5, 'failed')]), TARGETS))).to.deep.equal(['errors']);
    const lost: Sample = { kind: 'fault', at: BEGAN, fault: 'lost_event', detail: 'r' };
    expect(broken(judge(summaryOf([...many, lost]), TARGETS))).to.deep.equal(['lost event']);
  });

  it('the breaking point is the first of three points in a row beyond the targets', () => {
    const times = [10, 900, 20, 900, 900, 900, 10];
    const { points } = summaryOf(times.map((ms, second) => request(ms, 'ok', second * 1_000)));
    expect(breakingPoint(points)).to.deep.include({ t: 3, users: 0 });
    expect(breakingPoint(points)?.share).to.be.closeTo(4 / 7, 0.001);
    expect(breakingPoint(points.slice(0, 5))).to.equal(null);
  });

  it('a run whose users came late is no such run, and says so, however quick it was', () => {
    for (const scenario of ['normal', 'stress', 'websocket']) {
      const late = summaryOf([request(5)], { wantedUsers: 100, presence: 0.949 });
      const verdicts = judge(late, thresholdsOf(scenario));
      expect(broken(verdicts)).to.include('users present');
      expect(remarks(late, verdicts).join()).to.include('for only 94 % of their time (0 of 100 at once)');
    }
    const enough = summaryOf([request(5)], { presence: 0.95 });
    expect(broken(judge(enough, TARGETS))).to.deep.equal([]);
    expect(remarks(enough, judge(enough, TARGETS))).to.have.length(1);
  });

  it('a run that measured nothing holds nothing', () => {
    expect(broken(judge(summaryOf([]), TARGETS))).to.include.members(['requests p50', 'errors']);
  });

  it('beyond the breaking point slow and refused is allowed, lost is not', () => {
    const samples: Sample[] = [request(9_000), request(1, 'refused'), request(1, 'failed')];
    expect(broken(judge(summaryOf(samples), thresholdsOf('stress')))).to.deep.equal([]);
    samples.push({ kind: 'fault', at: BEGAN, fault: 'lost_run', detail: 'r' });
    expect(broken(judge(summaryOf(samples), thresholdsOf('stress')))).to.deep.equal(['lost run']);
  });
});

describe('the report of a load test', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'weir-report-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const write = (name: string, summary: Summary) => {
    writeReport(join(folder, name), summary, judge(summary, TARGETS));
    const text = (file: string) => readFileSync(join(folder, name, file), 'utf8');
    return { html: text('report.html'), csv: text('timeline.csv'), json: JSON.parse(text('report.json')) };
  };

  it('is one page that asks nobody for anything, with JSON and CSV beside it', () => {
    const fault: Sample = { kind: 'fault', at: BEGAN, fault: 'lost_run', detail: '<script>alert(1)</script>' };
    const { html, csv, json } = write('1', summaryOf([request(50), request(70, 'ok', 1_500), fault]));
    expect(html).to.match(/^<!doctype html>/);
    expect(html).not.to.match(/(src|href)=["']?(https?:)?\/\//);
    expect(html).not.to.include('<script>alert');
    expect(html).to.include('a &lt;test&gt;').and.to.include('class="bad">failed');
    expect(csv.split('\n')[1]).to.equal('0,0,1,0,0,0,50,50,50,,,,elevated,2,3,20');
    expect(json.passed).to.equal(false);
    expect(json.regions[0].seen.p50, 'what somebody in the region saw').to.be.within(130, 132.7);
    expect(json.unwanted).to.deep.equal({});
  });

  it('shows three digits that matter, also of what is nearly a hundred, and no zeros that say nothing', () => {
    const shown = [99.97, 100.4, 6.149, 20, 10.04, 0.5, 0.00012345, -3_040.2, 0, null].map(figure);
    expect(shown).to.deep.equal(['100', '100', '6.15', '20', '10', '0.5', '0.000123', '-3,040', '0', '–']);
  });

  it('tells no growth per hour of a run that was too short for it, and falling figures as plainly as rising ones', () => {
    const fell = { part: 'replica-1', quantity: 'heap', mean: 4e7, perHour: -3.04e9, share: -76 } as const;
    expect(growthRows([{ ...fell, verdict: 'too short' }])[0]).to.deep.equal([
      'replica-1, heap',
      '40 MB',
      '–',
      '–',
      'too short',
    ]);
    expect(growthRows([{ ...fell, verdict: 'flat' }])[0]?.slice(2, 4)).to.deep.equal(['-3,040 MB', '-7,600 %']);
  });

  it('stands beside the newest earlier run of the same shape, and no other', () => {
    expect(write('1', summaryOf([request(50)])).json.differences).to.equal(null);
    write('2', { ...summaryOf([request(400)]), timeScale: 0.1 });
    const { json, html } = write('3', summaryOf([request(100)]));
    expect(json.differences.before).to.equal('1');
    const p50 = json.differences.lines.find(({ name }: { name: string }) => name === 'requests p50');
    expect(p50.ratio).to.be.closeTo(2, 0.05);
    expect(html).to.include('Beside the run before (1)');
  });

  it('a sample of another time is put where it belongs, and users stay until they leave', () => {
    const users = (at: number, change: 1 | -1): Sample => ({ kind: 'users', at: BEGAN + at, change });
    const seen = [users(0, 1), users(100, 1), request(1, 'ok', 3_200), users(4_000, -1)];
    const { points, users: counted } = summaryOf(seen);
    expect(points.map((point) => [point.users, point.requestsPerSecond])).to.deep.equal([
      [2, 0],
      [2, 0],
      [2, 0],
      [2, 1],
      [1, 0],
    ]);
    expect(counted).to.deep.equal({ wanted: 5, most: 2, arrivals: 2, presence: 1 });
  });

  it('is told to Prometheus while it runs', async () => {
    const page = new MetricsPage('smoke');
    page.add(request(150));
    page.add({ kind: 'users', at: BEGAN, change: 1 });
    page.add({ kind: 'fault', at: BEGAN, fault: 'lost_run', detail: '' });
    const { text } = await page.read();
    expect(text).to.include('weir_load_users{scenario="smoke"} 1');
    const within = text.split('\n').filter((line) => /^weir_load_request_seconds_bucket.*le="0\.(1|2)"/.test(line));
    expect(
      within.map((line) => line.at(-1)),
      'within 100 ms, within 200 ms',
    ).to.deep.equal(['0', '1']);
    expect(text).to.include('weir_load_faults_total{fault="lost_run",scenario="smoke"} 1');
  });
});
