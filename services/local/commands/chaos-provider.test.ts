import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createSimulator } from '../../llm-sim/simulator.ts';
import { writeJson } from '../state/json-file.ts';
import { StateDir } from '../state/state-dir.ts';
import { UsageError } from '../usage-error.ts';
import { chaosProvider } from './chaos-provider.ts';

describe('make chaos-provider', () => {
  const simulator = createSimulator();
  const state = new StateDir(mkdtempSync(join(tmpdir(), 'weir-chaos-')));
  const { log } = console;
  let printed: string[] = [];

  before(async () => {
    await simulator.start();
    state.create();
    writeJson(state.file('ports.json'), { 'llm-sim': Number(new URL(simulator.url).port) });
  });
  beforeEach(() => {
    printed = [];
    console.log = (line: string) => void printed.push(line);
    cluster({});
  });
  afterEach(() => {
    console.log = log;
  });
  after(async () => {
    await simulator.stop();
    rmSync(state.root, { recursive: true });
  });

  const cluster = (settings: Record<string, string>) =>
    writeJson(state.file('cluster.json'), { httpPort: 1, replicas: 1, settings });
  const modes = () => ['primary', 'backup'].map((name) => simulator.provider(name).settings.mode);
  const refusal = async (environment: NodeJS.ProcessEnv): Promise<UsageError> => {
    const error: unknown = await chaosProvider(state, environment).catch((reason: unknown) => reason);
    if (!(error instanceof UsageError)) throw new Error(`not refused: ${String(error)}`);
    return error;
  };

  it('breaks one provider of the running cluster, the primary unless told, and says how to mend it', async () => {
    await chaosProvider(state, { MODE: 'unavailable' });
    expect(modes()).to.deep.equal(['unavailable', 'ok']);
    expect(printed.join(' ')).to.include('primary provider now: 503').and.include('make chaos-provider MODE=ok"');
    await chaosProvider(state, { MODE: 'silent', PROVIDER: 'backup' });
    expect(modes()).to.deep.equal(['unavailable', 'silent']);
    expect(printed.at(-1)).to.include('MODE=ok PROVIDER=backup');
    printed = [];
    await chaosProvider(state, { MODE: 'ok' });
    expect(modes()).to.deep.equal(['ok', 'silent']);
    expect(printed).to.have.length(1);
  });

  it('lists the modes when none is given, and changes nothing', async () => {
    const before = modes();
    await chaosProvider(state, {});
    expect(printed.some((line) => line.includes('rate_limited_once'))).to.equal(true);
    expect(modes()).to.deep.equal(before);
  });

  it('names what there is when the mode or the provider is unknown (exit code 2)', async () => {
    const mode = await refusal({ MODE: 'constructor' });
    expect([mode.exitCode, mode.message.includes('unavailable')]).to.deep.equal([2, true]);
    const provider = await refusal({ MODE: 'ok', PROVIDER: 'other' });
    expect([provider.exitCode, provider.message.includes('primary, backup')]).to.deep.equal([2, true]);
  });

  it('says so when the cluster asks a real provider or does not run (exit code 1)', async () => {
    cluster({ WEIR_LLM_PRIMARY_BASE_URL: 'https://models.example/v1' });
    const real = await refusal({ MODE: 'ok' });
    expect([real.exitCode, real.message.includes('real')]).to.deep.equal([1, true]);
    rmSync(state.file('cluster.json'));
    const down = await refusal({ MODE: 'ok' });
    expect([down.exitCode, down.message.includes('make up')]).to.deep.equal([1, true]);
  });
});
