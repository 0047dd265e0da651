/** Whether a host may be called, and whether it may live at a private address. */
export type HostVerdict = 'refused' | 'public_only' | 'private_allowed';

interface HostRule {
  matches(host: string): boolean;
  privateAllowed: boolean;
}

const HOST = /^[a-z0-9_:.[\]-]+$/;

/**
 * The operator's list of hosts that webhook steps may call: `api.example.com` exactly, `*.example.com` for everything
 * below it (not itself); a trailing `!` allows the host although its address is private. Throws for an entry that is neither.
 */
export class HostRules {
  private readonly rules: HostRule[];

  constructor(entries: readonly string[]) {
    this.rules = entries.map(parseRule);
  }

  /** `host` as `URL.hostname` gives it. */
  judge(host: string): HostVerdict {
    const name = normalise(host);
    const matching = this.rules.filter((rule) => rule.matches(name));
    if (matching.length === 0) return 'refused';
    return matching.some((rule) => rule.privateAllowed) ? 'private_allowed' : 'public_only';
  }
}

function parseRule(entry: string): HostRule {
  const privateAllowed = entry.endsWith('!');
  const pattern = normalise(privateAllowed ? entry.slice(0, -1) : entry);
  const suffix = pattern.startsWith('*.') ? pattern.slice(1) : null;
  if (!HOST.test(suffix === null ? pattern : suffix.slice(1))) {
    throw new Error(
      `"${entry}" in WEIR_WEBHOOK_ALLOWED_HOSTS is not a host: write "api.example.com", "*.example.com" or either with a trailing "!".`,
    );
  }
  return {
    privateAllowed,
    matches:
      suffix === null ? (host) => host === pattern : (host) => host.endsWith(suffix) && host.length > suffix.length,
  };
}

/** Lower case, without the root dot, and IPv6 without its brackets: one spelling for one host. */
function normalise(host: string): string {
  return host
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/^\[(.*)\]$/, '$1');
}
