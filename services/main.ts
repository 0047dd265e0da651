/** Entry of a replica: config → compose → run. The only file that may exit the process. */
import { ConfigError, loadSettings, type Settings } from '../shared/config/load.ts';
import { PACKAGE_VERSION } from '../shared/config/package.ts';
import { secretValues } from '../shared/config/secret-values.ts';
import { Runner } from '../shared/lifecycle/runner.ts';
import { createLogger, type Logger } from '../shared/observability/logger.ts';
import type { Tracing } from '../shared/observability/tracing/start-tracing.ts';
import { compose } from './compose.ts';

/** Room for sockets, pools and logs to close after the workers' grace has passed (s). */
const CLOSING_SECONDS = 8;

async function main(): Promise<void> {
  const settings = loadSettings(process.env);
  const log = createLogger({
    level: settings.WEIR_LOG_LEVEL,
    fields: { replica: settings.WEIR_REPLICA_ID },
    hide: secretValues(settings),
  });
  const { services, describe, onDrain } = compose(settings, log, await tracingOf(settings, log));
  const runner = new Runner(services, log);

  const stop = async (reason: string, exitCode: number): Promise<void> => {
    log.info('stopping', { reason });
    const clean = await runner.stop(
      (settings.WEIR_SHUTDOWN_GRACE_SECONDS + settings.WEIR_SHUTDOWN_DRAIN_SECONDS + CLOSING_SECONDS) * 1_000,
    );
    log.info('stopped', { reason, clean });
    process.exit(exitCode);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(signal, 0));
  onDrain(() => void stop('drained by an administrator', 0));
  // State after an unknown fault cannot be trusted; the leases bring the runs to another replica.
  process.on('uncaughtException', (error) => {
    log.error('uncaught exception', { error });
    void stop('uncaught exception', 1);
  });
  process.on('unhandledRejection', (error) => {
    log.error('unhandled rejection', { error });
    void stop('unhandled rejection', 1);
  });

  await runner.start();
  log.info('ready', { roles: settings.ROLES, ...describe() });
}

/** null: there is nowhere to send traces to. The SDK is loaded only if there is: it costs memory, and a tenth of a second at start. */
async function tracingOf(settings: Settings, log: Logger): Promise<Tracing | null> {
  if (settings.OTEL_EXPORTER_OTLP_ENDPOINT === '') return null;
  const { startTracing } = await import('../shared/observability/tracing/start-tracing.ts');
  return startTracing({
    endpoint: settings.OTEL_EXPORTER_OTLP_ENDPOINT,
    headers: settings.OTEL_EXPORTER_OTLP_HEADERS,
    serviceName: settings.OTEL_SERVICE_NAME,
    version: PACKAGE_VERSION,
    replica: settings.WEIR_REPLICA_ID,
    sampleRatio: settings.WEIR_TRACE_SAMPLE_RATIO,
    log,
  });
}

main().catch((error: unknown) => {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(error instanceof ConfigError ? 2 : 1);
});
