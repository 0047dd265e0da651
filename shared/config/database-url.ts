/** Servers that follow one another as primary, as libpq writes them: `postgres://user:word@a:5432,b:5433/name?target_session_attrs=read-write`. */
export interface DatabaseServers {
  /** One address per server, in the order given, each as a driver knows it that knows of one server only. */
  readonly urls: readonly [string, ...string[]];
  /** Whether only a server that takes writes will do; of several always. */
  readonly mustTakeWrites: boolean;
}

const URL_PARTS = /^(postgres(?:ql)?:\/\/)([^/?#]*)([^?#]*)(?:\?([^#]*))?/;
const WRITABLE = ['read-write', 'primary'];

/**
 * Reads `WEIR_DATABASE_URL`. Throws one sentence, which never holds the address itself (it may hold a password).
 * Source: PostgreSQL 15, 34.1.1.3 (several hosts) and 34.1.2 (`target_session_attrs`).
 */
export function databaseServers(url: string): DatabaseServers {
  const [, scheme = '', authority = '', path = '', query = ''] = URL_PARTS.exec(url) ?? [];
  // A socket, in one of the driver's own forms.
  if (scheme === '') return { urls: [url], mustTakeWrites: false };
  const parameters = query.split('&').filter(Boolean);
  const target = parameterOf(parameters, 'target_session_attrs');
  const end = authority.lastIndexOf('@') + 1;
  const [first = '', ...others] = authority.slice(end).split(',');
  if (others.length > 0 && (parameterOf(parameters, 'host') ?? parameterOf(parameters, 'port')) !== undefined)
    throw new Error('Several servers are named before the database, or else by host= and port=, not by both.');
  if (parameterOf(parameters, 'host')?.includes(','))
    throw new Error('Several servers are named before the database: postgres://user@a:5432,b:5432/name.');
  if (target !== undefined && !WRITABLE.includes(target) && (target !== 'any' || others.length > 0))
    throw new Error('target_session_attrs must be read-write or primary: every replica writes.');
  const kept = parameters.filter((parameter) => !parameter.startsWith('target_session_attrs='));
  const tail = path + (kept.length > 0 ? `?${kept.join('&')}` : '');
  const urlOf = (host: string) => {
    const one = `${scheme}${authority.slice(0, end)}${host}${tail}`;
    if (others.length > 0 && (host === '' || !URL.canParse(one)))
      throw new Error('Each of several servers needs a name and may have a port: a:5432,b:5432.');
    return one;
  };
  return {
    urls: [urlOf(first), ...others.map(urlOf)],
    mustTakeWrites: others.length > 0 || WRITABLE.includes(target ?? ''),
  };
}

function parameterOf(parameters: readonly string[], name: string): string | undefined {
  const found = parameters.find((parameter) => parameter.startsWith(`${name}=`));
  return found === undefined ? undefined : decodeURIComponent(found.slice(name.length + 1));
}
