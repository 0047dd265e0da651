import { BlockList, isIPv6 } from 'node:net';

type Subnet = readonly [address: string, prefix: number];

/** Private networks: refused unless the operator trusts the host with them (`!`). */
const PRIVATE_V4 = subnets([
  ['10.0.0.0', 8],
  ['100.64.0.0', 10], // carrier-grade NAT
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
]);
const PRIVATE_V6 = subnets([
  ['::1', 128],
  ['fc00::', 7], // unique local
]);

/** Never a webhook's address, whoever allows the host: link-local holds the metadata services of clouds, the rest is no host's. */
const FORBIDDEN_V4 = subnets([
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]);

/** The only IPv6 space from which hosts on the internet have addresses: mapped, translated, link-local and multicast ones lie outside … */
const GLOBAL_UNICAST_V6 = subnets([['2000::', 3]]);
/** … and the parts of it that are no host's, or carry an IPv4 address inside (Teredo, 6to4). */
const FORBIDDEN_V6 = subnets([
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]);

/** Whether a connection to `address` (an IP literal) is allowed. Source of the ranges: IANA special-purpose address registries. */
export function mayConnect(address: string, privateAllowed: boolean): boolean {
  if (isIPv6(address)) {
    if (PRIVATE_V6.check(address, 'ipv6')) return privateAllowed;
    return GLOBAL_UNICAST_V6.check(address, 'ipv6') && !FORBIDDEN_V6.check(address, 'ipv6');
  }
  if (PRIVATE_V4.check(address, 'ipv4')) return privateAllowed;
  return !FORBIDDEN_V4.check(address, 'ipv4');
}

/** Lists of one family each: a mixed BlockList looks through mapped addresses (::ffff:10.0.0.1) and would find the IPv4 rule. */
function subnets(list: readonly Subnet[]): BlockList {
  const blockList = new BlockList();
  for (const [address, prefix] of list) blockList.addSubnet(address, prefix, isIPv6(address) ? 'ipv6' : 'ipv4');
  return blockList;
}
