import { expect } from 'chai';
import { databaseServers } from './database-url.ts';

describe('the address of the database', () => {
  const refusal = (url: string) => {
    try {
      databaseServers(url);
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };

  it('of one server is given to the driver as it is, and no server is asked whether it takes writes', () => {
    for (const url of [
      'postgres://weir@127.0.0.1:5432/weir',
      'postgresql://weir:p%40ss@[::1]/weir?sslmode=require&application_name=x',
      'socket:/var/run/postgresql?db=weir',
      '/var/run/postgresql weir',
      'postgres://weir@/weir?host=/var/run/postgresql',
    ])
      expect(databaseServers(url)).to.deep.equal({ urls: [url], mustTakeWrites: false });
  });

  it('of several servers is one address per server, with the rest of it unchanged; only one that takes writes will do', () => {
    expect(databaseServers('postgres://weir:a%2Cb@a:5432,b.example:5433,[::1]/weir?sslmode=require&x=1')).to.deep.equal(
      {
        urls: [
          'postgres://weir:a%2Cb@a:5432/weir?sslmode=require&x=1',
          'postgres://weir:a%2Cb@b.example:5433/weir?sslmode=require&x=1',
          'postgres://weir:a%2Cb@[::1]/weir?sslmode=require&x=1',
        ],
        mustTakeWrites: true,
      },
    );
  });

  it('says by target_session_attrs, which the driver does not know, that the server must take writes', () => {
    for (const target of ['read-write', 'primary'])
      expect(databaseServers(`postgres://a/weir?target_session_attrs=${target}&sslmode=require`)).to.deep.equal({
        urls: ['postgres://a/weir?sslmode=require'],
        mustTakeWrites: true,
      });
    expect(databaseServers('postgres://a/weir?target_session_attrs=any')).to.deep.equal({
      urls: ['postgres://a/weir'],
      mustTakeWrites: false,
    });
  });

  it('is refused where it asks for what cannot be, and the refusal holds nothing of it', () => {
    for (const [url, reason] of [
      ['postgres://u:geheim@a,b/weir?target_session_attrs=any', /read-write or primary/],
      ['postgres://u:geheim@a/weir?target_session_attrs=standby', /read-write or primary/],
      ['postgres://u:geheim@a,,b/weir', /needs a name/],
      ['postgres://u:geheim@a:5432,b:port/weir', /needs a name/],
      ['postgres://u:geheim@a,b/weir?host=c', /not by both/],
      ['postgres://u:geheim@/weir?host=a,b', /before the database/],
    ] as const) {
      expect(refusal(url), url).to.match(reason);
      expect(refusal(url)).not.to.contain('geheim');
    }
  });
});
