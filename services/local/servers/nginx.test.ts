import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { testBinary, testDir } from '../../../tests/support/test-run.ts';
import { freePort } from './free-port.ts';
import { startNginx } from './nginx.ts';

describe('a private Nginx', () => {
  it('is not taken to be ready because somebody else listens on its port', async () => {
    const port = await freePort();
    const stranger = createServer();
    await new Promise<void>((resolve) => stranger.listen(port, '127.0.0.1', resolve));
    try {
      const dir = testDir('nginx');
      const configuration = { 'conf.d/nginx.conf': `events {} http { server { listen 127.0.0.1:${port}; } }` };
      const start = startNginx({ binary: testBinary('nginx'), dir, port, configuration, logFile: join(dir, 'log') });
      const error = await start.then(
        () => null,
        (reason: Error) => reason,
      );
      expect(error?.message).to.equal(`Port ${port} of Nginx is taken by another program.`);
    } finally {
      stranger.close();
    }
  });
});
