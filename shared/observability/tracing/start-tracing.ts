/** The SDK behind spans.ts. Loaded only when there is somewhere to export to (services/main.ts). */
import { DiagLogLevel, diag } from '@opentelemetry/api';
import { parseKeyPairsIntoRecord, setGlobalErrorHandler } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Logger } from '../logger.ts';
import { traceFetches } from './fetch-spans.ts';
import { perSecond } from './per-second.ts';
import { setTracingCore } from './spans.ts';
import { TailProcessor } from './tail.ts';
import { randomIds, sampleOf } from './trace-ids.ts';

export interface TracingOptions {
  /** Base URL of an OTLP/HTTP receiver; `/v1/traces` is added. */
  endpoint: string;
  /** `name=value,name=value`, values percent-encoded; '': none. */
  headers: string;
  serviceName: string;
  version: string;
  replica: string;
  /** Share of the traces that is exported although nothing failed, 0 to 1. */
  sampleRatio: number;
  log: Logger;
}

/** How replicas tell each other of traces that have failed. */
export interface TraceNews {
  tell(traceId: string): Promise<void>;
  onTold(handler: (traceId: string) => void): void;
}

export interface Tracing {
  /** From now on, what other replicas hold of a failed trace is exported too. */
  connect(news: TraceNews): void;
  /** Exports what waits for the next export. Rejects when the receiver did not take it. */
  flush(): Promise<void>;
  /** Exports what is left, for some seconds at most. Never rejects. */
  stop(): Promise<void>;
}

/** How long a span waits to travel with others (ms); what is in memory is lost with the process. */
const BATCH_MS = 1_000;
/** An export that takes longer is given up (ms). */
const EXPORT_TIMEOUT_MS = 3_000;
/** Spans that wait for the exporter at most; further ones are dropped, so that a receiver that is away costs no memory. */
const MAX_QUEUE = 4_096;
const STOP_MS = 3_000;
/** A receiver that is away fails every export; one line in this time tells as much (ms). */
const REPEAT_LOG_MS = 60_000;
/** Messages to the other replicas a second at most: when everything fails, parts of traces are enough. */
const MAX_NEWS_PER_SECOND = 50;

export function startTracing(options: TracingOptions): Tracing {
  const { log, replica } = options;
  quiet(log);
  let news: TraceNews | undefined;
  const mayTell = perSecond(MAX_NEWS_PER_SECOND);
  const exporter = new OTLPTraceExporter({
    url: `${options.endpoint.replace(/\/+$/, '')}/v1/traces`,
    headers: parseKeyPairsIntoRecord(options.headers),
    timeoutMillis: EXPORT_TIMEOUT_MS,
  });
  const tail = new TailProcessor(
    new BatchSpanProcessor({
      exporter,
      maxQueueSize: MAX_QUEUE,
      scheduledDelayMillis: BATCH_MS,
      exportTimeoutMillis: EXPORT_TIMEOUT_MS,
    }),
    {
      onKept(traceId) {
        // What was told is a help, not a promise: without Redis the other parts stay where they are.
        if (news !== undefined && mayTell()) news.tell(traceId).catch(() => {});
      },
    },
  );
  const resource = resourceFromAttributes({
    'service.name': options.serviceName,
    'service.version': options.version,
    'service.instance.id': replica,
  });
  const endFetches = traceFetches(new TracerProvider({ resource, spanProcessors: [tail] }));
  setTracingCore({
    resource,
    instrumentationScope: { name: 'weir', version: options.version },
    processor: tail,
    newTraceId: randomIds(16),
    newSpanId: randomIds(8),
    // By trace id alone: every replica decides alike, and a stranger's flag does not decide what we store.
    isInSample: sampleOf(options.sampleRatio),
    mayLinger: tail.mayLinger,
    linger: (traceId) => tail.linger(traceId),
  });
  return {
    connect(given) {
      news = given;
      given.onTold((traceId) => tail.keep(traceId));
    },
    flush: () => tail.forceFlush(),
    async stop() {
      setTracingCore(null);
      endFetches();
      await within(STOP_MS, tail.shutdown());
    },
  };
}

/** The SDK's complaints, a line a minute. */
function quiet(log: Logger): void {
  let lastAt = Number.NEGATIVE_INFINITY;
  const warn = (error: unknown) => {
    const now = performance.now();
    if (now - lastAt < REPEAT_LOG_MS) return;
    lastAt = now;
    log.warn('traces not exported', { error });
  };
  setGlobalErrorHandler(warn);
  const ignore = () => {};
  diag.setLogger({ error: warn, warn, info: ignore, debug: ignore, verbose: ignore }, { logLevel: DiagLogLevel.WARN });
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work.catch(() => {}), timeout]);
  clearTimeout(timer);
}
