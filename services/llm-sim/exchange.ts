import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { abortableDelay } from '../../shared/lifecycle/abortable-delay.ts';
import { answerTokens } from './answer-text.ts';
import { type CompletionRequest, countPromptTokens, lastPrompt } from './completion-request.ts';
import type { SimulatorSettings } from './settings.ts';

export type FinishReason = 'stop' | 'length' | 'content_filter';

/**
 * One request being answered, as building blocks: a mode puts them together, in whatever wrong order it stands for.
 * Every block returns early when the client has gone (`signal`).
 */
export class Exchange {
  readonly tokens: readonly string[];
  readonly finishReason: FinishReason;
  private readonly created = Math.floor(Date.now() / 1000);

  constructor(
    readonly id: string,
    readonly request: CompletionRequest,
    readonly response: ServerResponse,
    readonly settings: SimulatorSettings,
    /** Aborts when the client has gone. */
    readonly signal: AbortSignal,
    /** Which request this is since the mode was set, from 1. */
    readonly nth: number,
    /** Time since the mode was set. */
    readonly modeAgeMs: number,
  ) {
    const speed = settings;
    const allowed = Math.min(
      request.max_tokens ?? Number.POSITIVE_INFINITY,
      request.max_completion_tokens ?? Number.POSITIVE_INFINITY,
    );
    const whole = speed.tokens <= allowed;
    this.finishReason = whole ? 'stop' : 'length';
    this.tokens = answerTokens(lastPrompt(request), whole ? speed.tokens : allowed, whole);
  }

  get speed(): Pick<SimulatorSettings, 'first_token_ms' | 'tokens_per_second' | 'tokens'> {
    return this.settings;
  }

  get streaming(): boolean {
    return this.request.stream === true;
  }

  async pause(ms: number): Promise<void> {
    if (ms > 0) await abortableDelay(ms, this.signal);
  }

  /** Time that all tokens take at this speed (ms). */
  get durationMs(): number {
    return this.speed.tokens_per_second === 0 ? 0 : (this.tokens.length * 1000) / this.speed.tokens_per_second;
  }

  /** Status and headers of a stream; no event yet. */
  openStream(): void {
    this.response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-cache',
      'X-Request-Id': this.id,
    });
    this.response.flushHeaders();
  }

  /** Sends the tokens from `from` to before `to`, each when it is due at the set speed. */
  async sendTokens(from = 0, to = this.tokens.length): Promise<void> {
    if (from === 0) await this.sendChoice({ role: 'assistant', content: '' }, null);
    const start = performance.now();
    for (let index = from; index < to && !this.signal.aborted; index++) {
      if (this.speed.tokens_per_second > 0)
        await this.pause(start + ((index - from) * 1000) / this.speed.tokens_per_second - performance.now());
      await this.sendChoice({ content: this.tokens[index] ?? '' }, null);
    }
  }

  /** The chunk with the finish reason, and the one with the usage if it was asked for. */
  async sendFinish(reason: FinishReason = this.finishReason): Promise<void> {
    await this.sendChoice({}, reason);
    if (this.request.stream_options?.include_usage === true)
      await this.sendData({ ...this.envelope('chat.completion.chunk'), choices: [], usage: this.usage() });
  }

  async sendDone(): Promise<void> {
    await this.write('data: [DONE]\n\n');
    if (!this.signal.aborted) this.response.end();
  }

  /** Ends the stream politely, without saying that it is complete. */
  endStream(): void {
    if (!this.signal.aborted) this.response.end();
  }

  /** Closes the connection in the middle of whatever was being said, after what has been written. */
  cutConnection(): void {
    this.response.socket?.end();
  }

  /** TCP reset. */
  resetConnection(): void {
    this.response.socket?.resetAndDestroy();
  }

  async untilGone(): Promise<void> {
    if (!this.signal.aborted) await once(this.signal, 'abort');
  }

  /** The whole answer as one JSON document. */
  sendWhole(): void {
    this.sendJson(200, {
      ...this.envelope('chat.completion'),
      choices: [
        { index: 0, message: { role: 'assistant', content: this.tokens.join('') }, finish_reason: this.finishReason },
      ],
      usage: this.usage(),
    });
  }

  sendJson(status: number, body: unknown, headers: Record<string, string> = {}): void {
    if (this.signal.aborted) return;
    this.response
      .writeHead(status, { 'Content-Type': 'application/json', 'X-Request-Id': this.id, ...headers })
      .end(JSON.stringify(body));
  }

  async sendData(data: unknown): Promise<void> {
    await this.write(`data: ${JSON.stringify(data)}\n\n`);
  }

  /** Raw bytes of the stream, at the pace of the reader. */
  async write(text: string): Promise<void> {
    if (this.signal.aborted || this.response.write(text)) return;
    await once(this.response, 'drain', { signal: this.signal }).catch(() => undefined);
  }

  private async sendChoice(delta: object, finishReason: FinishReason | null): Promise<void> {
    await this.sendData({
      ...this.envelope('chat.completion.chunk'),
      choices: [{ index: 0, delta, finish_reason: finishReason }],
    });
  }

  private envelope(object: string) {
    return { id: this.id, object, created: this.created, model: this.request.model };
  }

  private usage() {
    const prompt = countPromptTokens(this.request);
    return { prompt_tokens: prompt, completion_tokens: this.tokens.length, total_tokens: prompt + this.tokens.length };
  }
}
