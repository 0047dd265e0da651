import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { UsageError } from '../../services/local/usage-error.ts';
import { ApiClient } from '../../shared/protocol/client/api-client.ts';
import { accessTo } from './access.ts';
import { refusedEntry } from './refused-entry.ts';

const NO_CLUSTER = { WEIR_STATE_DIR: '/nonexistent' };

describe('a target that cannot be tested', () => {
  let server: Server | undefined;
  afterEach(() => new Promise<void>((resolve) => (server?.listening ? server.close(() => resolve()) : resolve())));

  const answering = async (status: number, text: string): Promise<string> => {
    server = createServer((request, response) => {
      request.resume();
      response.writeHead(status, { Connection: 'close' }).end(text);
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const toldOf = async (url: string): Promise<string> => {
    const api = new ApiClient({ baseUrl: url, token: () => 'token' });
    const error = refusedEntry(await api.capacity().catch((reason: unknown) => reason), url);
    if (!(error instanceof UsageError)) throw error;
    expect(error.exitCode).to.equal(1);
    expect(error.message).to.include(url).and.not.to.include('\n');
    return error.message;
  };

  it('because nobody is there, or somebody else, is told in a sentence', async () => {
    expect(await toldOf('http://127.0.0.1:1')).to.include('make status');
    expect(await toldOf(await answering(200, '<html>hello</html>'))).to.include('does not answer as Weir does');
  });

  it('because of the token, is told with what would be a right one', async () => {
    expect(await toldOf(await answering(401, '')))
      .to.include("administrator's token")
      .and.include('TOKEN_COMMAND');
  });

  it('because of something else, is told in its own words', async () => {
    expect(await toldOf(await answering(404, ''))).to.match(/refuses the load test: The server answered 404\.$/);
  });

  it('because the command for tokens fails, is told with what the command said', async () => {
    const command = (line: string) =>
      accessTo('http://127.0.0.1:1', { ...process.env, ...NO_CLUSTER, TOKEN_COMMAND: line });
    const toldBy = async (line: string) =>
      String(
        await command(line)
          .token('ann', 'user')
          .catch((reason: unknown) => reason),
      );
    expect(await toldBy('echo no key >&2; exit 3')).to.include('TOKEN_COMMAND failed for ann: no key');
    expect(await toldBy('exit 3')).to.include('TOKEN_COMMAND failed for ann: exit code 3');
    expect(await toldBy('true')).to.include('printed nothing');
    expect(await command('echo $USER_ID-$ROLE').token('ann', 'user')).to.equal('ann-user');
  });

  it('any other error stays what it is', () => {
    const error = new Error('a mistake of ours');
    expect(refusedEntry(error, 'http://127.0.0.1:1')).to.equal(error);
  });
});
