import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ZodError } from 'zod';
import type { Service } from '../../shared/lifecycle/service.ts';
import { completionRequestSchema } from './completion-request.ts';
import { Exchange } from './exchange.ts';
import { MODES } from './modes.ts';
import { readJson } from './read-json.ts';
import {
  applyPatch,
  DEFAULT_SETTINGS,
  type SettingsPatch,
  type SimulatorSettings,
  settingsPatchSchema,
} from './settings.ts';

/** Changes one request only: JSON in the form of `PUT /control`. */
export const OVERRIDE_HEADER = 'x-llm-sim';

export interface SimulatorOptions extends SettingsPatch {
  host?: string;
  /** 0, the default: any free one. */
  port?: number;
}

/** Completions since the start; `aborted`: the client left before the end. */
export interface SimulatorStats {
  requests: number;
  active: number;
  completed: number;
  aborted: number;
}

/** An OpenAI-compatible model that costs nothing and fails on demand. `url` is valid between `start` and `stop`; the API is under `<url>/v1`. */
export interface Simulator extends Service {
  readonly url: string;
  readonly stats: Readonly<SimulatorStats>;
  readonly settings: Readonly<SimulatorSettings>;
  control(patch: SettingsPatch): void;
}

export function createSimulator(options: SimulatorOptions = {}): Simulator {
  return new LlmSimulator(options);
}

class LlmSimulator implements Simulator {
  readonly name = 'llm-sim';
  readonly stats: SimulatorStats = { requests: 0, active: 0, completed: 0, aborted: 0 };
  settings: SimulatorSettings;
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
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    const path = new URL(request.url ?? '/', 'http://simulator').pathname;
    try {
      const route = `${request.method} ${path}`;
      if (route === 'POST /v1/chat/completions') return await this.complete(request, response);
      if (route === 'GET /health') return sendJson(response, 200, { status: 'ok' });
      if (route === 'GET /v1/models')
        return sendJson(response, 200, {
          object: 'list',
          data: [{ id: 'sim-1', object: 'model', created: 0, owned_by: 'weir' }],
        });
      if (route === 'PUT /control') this.control(settingsPatchSchema.parse(await readJson(request)));
      else if (route !== 'GET /control') return sendError(response, 404, 'not_found', `Nothing answers ${route}.`);
      sendJson(response, 200, { ...this.settings, stats: this.stats });
    } catch (error) {
      if (response.headersSent) return void response.destroy();
      const message =
        error instanceof ZodError
          ? error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join(' ')
          : String(error);
      sendError(response, 400, 'invalid_request_error', message);
    }
  }

  private async complete(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = completionRequestSchema.parse(await readJson(request));
    const override = request.headers[OVERRIDE_HEADER];
    const settings =
      override === undefined
        ? this.settings
        : applyPatch(this.settings, settingsPatchSchema.parse(JSON.parse(String(override))));
    const gone = new AbortController();
    response.once('close', () => {
      this.stats.active -= 1;
      this.stats[response.writableFinished ? 'completed' : 'aborted'] += 1;
      gone.abort();
    });
    this.stats.requests += 1;
    this.stats.active += 1;
    await MODES[settings.mode](
      new Exchange(`chatcmpl-sim-${this.stats.requests}`, body, response, settings, gone.signal),
    );
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

/** An error in the form of the OpenAI API. */
function sendError(response: ServerResponse, status: number, type: string, message: string): void {
  sendJson(response, status, { error: { message, type, param: null, code: null } });
}
