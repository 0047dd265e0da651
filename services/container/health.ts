/**
 * HEALTHCHECK of the image: exit code 0 when the address in the first argument (default: readiness of the replica in this container)
 * answers 2xx. Imports nothing, so that asking every few seconds costs little.
 */
const url = process.argv[2] ?? 'http://127.0.0.1:9464/ready';
/** Below the timeout of the health check, so that the container's log of checks has a reason and not just "killed". */
const TIMEOUT_MS = 3_000;

try {
  const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  console.log(answer.status, (await answer.text()).slice(0, 500));
  process.exitCode = answer.ok ? 0 : 1;
} catch (error) {
  console.log(error instanceof Error ? (error.cause ?? error.message) : error);
  process.exitCode = 1;
}
