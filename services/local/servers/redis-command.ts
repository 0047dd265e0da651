import { connect } from 'node:net';

/**
 * Sends one command to a private Redis and resolves to the first line of its answer (`+PONG`, `:1`, `-LOADING …`). For the launcher
 * and its tests, which need a handful of commands and no client. Rejects when nobody answers within `timeoutMs`, or when the
 * server does not know the password (so a stranger on the port is never taken for ours).
 */
export function redisCommand(
  server: { port: number; password: string },
  command: readonly string[],
  timeoutMs = 5_000,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: server.port, host: '127.0.0.1' });
    let answer = '';
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error('Redis did not answer in time.')));
    socket.on('connect', () => socket.write(encode(['AUTH', server.password]) + encode(command)));
    socket.on('data', (chunk) => {
      answer += chunk.toString('utf8');
      const lines = answer.split('\r\n');
      if (lines.length >= 2 && lines[0] !== '+OK') socket.destroy(new Error(`Redis refused the password: ${lines[0]}`));
      if (lines.length < 3) return;
      resolve(lines[1] ?? '');
      socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('Redis closed the connection.')));
  });
}

function encode(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
}
