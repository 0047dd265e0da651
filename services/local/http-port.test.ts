import { createServer } from 'node:net';
import { expect } from 'chai';
import { requireFreeHttpPort } from './http-port.ts';
import { freePort } from './servers/free-port.ts';
import { UsageError } from './usage-error.ts';

describe('port of the cluster', () => {
  it('may be any free one', async () => {
    await requireFreeHttpPort(await freePort());
  });

  it('is refused with a way out when another program has it', async () => {
    const stranger = createServer();
    const port = await freePort();
    await new Promise<void>((resolve) => stranger.listen(port, '127.0.0.1', resolve));
    try {
      const error = await requireFreeHttpPort(port).then(
        () => null,
        (reason: unknown) => reason,
      );
      expect(error).to.be.instanceOf(UsageError);
      expect((error as UsageError).message).to.match(
        new RegExp(
          `^Port ${port} is already used by another program; choose another one, for example: make up WEIR_HTTP_PORT=\\d+$`,
        ),
      );
    } finally {
      stranger.close();
    }
  });
});
