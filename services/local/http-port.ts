import { connect } from 'node:net';
import { freePort, isPortFree } from './servers/free-port.ts';
import { UsageError } from './usage-error.ts';

/** Throws one sentence with a way out when somebody else listens on the port the cluster should have, or when it may not be had. */
export async function requireFreeHttpPort(port: number): Promise<void> {
  if (!(await somebodyAnswers(port)) && (await isPortFree(port))) return;
  const reason =
    port < 1_024 && process.getuid?.() !== 0 ? 'is taken or reserved for root' : 'is already used by another program';
  throw new UsageError(
    `Port ${port} ${reason}; choose another one, for example: make up WEIR_HTTP_PORT=${await suggestion(port)}`,
    1,
  );
}

/** The next free one is easier to remember than a random one. */
async function suggestion(port: number): Promise<number> {
  for (let candidate = Math.max(port, 8_080) + 1; candidate < port + 50; candidate++) {
    if (await isPortFree(candidate)) return candidate;
  }
  return freePort();
}

/** Listening on 127.0.0.1 can succeed although a program listens on all addresses (macOS), which would then get half of the connections. */
function somebodyAnswers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
