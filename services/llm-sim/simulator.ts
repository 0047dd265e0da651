import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ZodError } from 'zod';
import type { Service } from '../../shared/lifecycle/service.ts';
import { parseAddress } from './address.ts';
import { type ProviderStats, SimulatedProvider } from './provider.ts';
import { readJson } from './read-json.ts';
import {
  applyPatch,
  DEFAULT_SETTINGS,
  type SettingsPatch,
  type SimulatorSettings,
  settingsPatchSchema,
} from './settings.ts';

/** The provider under `<url>/v1`; others are under `<url>/<name>/v1`. */
const DEFAULT_PROVIDER = 'default';

export interface SimulatorOptions extends SettingsPatch {
  host?: string;
  /** 0, the default: a free one. */
  port?: number;
}

/** OpenAI-compatible providers that cost nothing and fail on demand. `url` is valid between `start` and `stop`. */
export interface Simulator extends Service {
  readonly url: string;
  /** Of the default provider. */
  readonly stats: Readonly<ProviderStats>;
  /** Of all providers, unless they were told otherwise by name. */
  readonly settings: Readonly<SimulatorSettings>;
  /** Changes all providers, also those to come. */
  control(patch: SettingsPatch): void;
  provider(name: string): SimulatedProvider;
}

export function createSimulator(options: SimulatorOptions = {}): Simulator {
  return new LlmSimulator(options);
}

class LlmSimulator implements Simulator {
  readonly name = 'llm-sim';
  settings: SimulatorSettings;
  private modeSetAt = performance.now();
  private readonly providers = new Map<string, SimulatedProvider>();
  private readonly server: Server;

  constructor(private readonly options: SimulatorOptions) {
    const { host: _host, port: _port, ...patch } = options;
    this.settings = applyPatch(DEFAULT_SETTINGS, settingsPatchSchema.parse(patch));
    this.server = createServer((request, response) => void this.handle(request, response));
  }

  get url(): string {
    const address = this.server.address() as AddressInfo | null;
    if (address === null) throw new Error('The simulator is not started.');
    return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
  }

  get stats(): ProviderStats {
    return this.provider(DEFAULT_PROVIDER).stats;
  }

  async start(): Promise<void> {
    this.server.listen(this.options.port ?? 0, this.options.host ?? '127.0.0.1');
    await once(this.server, 'listening');
  }

  async stop(): Promise<void> {
    if (!this.server.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  control(patch: SettingsPatch): void {
    this.settings = applyPatch(this.settings, patch);
    if (patch.mode !== undefined) this.modeSetAt = performance.now();
    for (const provider of this.providers.values()) provider.control(patch);
  }

  provider(name: string): SimulatedProvider {
    const known = this.providers.get(name) ?? new SimulatedProvider(name, this.settings, this.modeSetAt);
    this.providers.set(name, known);
    return known;
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    try {
      await this.answer(request, response);
    } catch (error) {
      if (response.headersSent) return void response.destroy();
      const message =
        error instanceof ZodError
          ? error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join(' ')
          : String(error);
      sendError(response, 400, 'invalid_request_error', message);
    }
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { provider: name, path, deployment } = parseAddress(request.url ?? '/');
    const route = `${request.method} ${path}`;
    if (route === 'POST /chat/completions') {
      const body = await readJson(request);
      return this.provider(name ?? DEFAULT_PROVIDER).complete(request, body, response, deployment);
    }
    if (route === 'GET /health') return sendJson(response, 200, { status: 'ok' });
    if (route === 'GET /models') {
      const model = { id: 'sim-1', object: 'model', created: 0, owned_by: 'weir' };
      return sendJson(response, 200, { object: 'list', data: [model] });
    }
    if (route === 'PUT /control') {
      const patch = settingsPatchSchema.parse(await readJson(request));
      if (name === null) this.control(patch);
      else this.provider(name).control(patch);
    } else if (route !== 'GET /control') {
      return sendError(response, 404, 'not_found', `Nothing answers ${route}.`);
    }
    sendJson(response, 200, name === null ? this.describe() : describe(this.provider(name)));
  }

  private describe(): object {
    const providers = [...this.providers.values()].map((provider) => [provider.name, describe(provider)]);
    return { ...this.settings, stats: this.stats, providers: Object.fromEntries(providers) };
  }
}

function describe({ settings, stats, seen }: SimulatedProvider): object {
  return { ...settings, stats, seen };
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

/** An error in the form of the OpenAI API. */
function sendError(response: ServerResponse, status: number, type: string, message: string): void {
  sendJson(response, status, { error: { message, type, param: null, code: null } });
}
