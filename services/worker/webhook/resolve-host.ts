import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { StepFailure } from '../steps/step-failure.ts';
import { mayConnect } from './address-rules.ts';

export type Resolve = (host: string) => Promise<LookupAddress[]>;

const systemResolve: Resolve = (host) => lookup(host, { all: true, order: 'verbatim' });

/**
 * The addresses of a host, asked for once and checked: the connection goes to one of these and no others, so a second
 * answer of the name server (DNS rebinding) cannot lead elsewhere. One forbidden address among them refuses the host.
 */
export async function resolveHost(
  hostname: string,
  privateAllowed: boolean,
  resolve: Resolve = systemResolve,
): Promise<LookupAddress[]> {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const addresses = isIP(host) === 0 ? await ask(host, resolve) : [{ address: host, family: isIP(host) }];
  if (!addresses.every(({ address }) => mayConnect(address, privateAllowed))) {
    throw new StepFailure('webhook_refused', `The host "${hostname}" has an address that webhooks must not call.`);
  }
  return addresses;
}

async function ask(host: string, resolve: Resolve): Promise<LookupAddress[]> {
  try {
    const addresses = await resolve(host);
    if (addresses.length > 0) return addresses;
  } catch (cause) {
    throw new StepFailure('webhook_unreachable', `The host "${host}" was not found.`, { cause });
  }
  throw new StepFailure('webhook_unreachable', `The host "${host}" has no address.`);
}
