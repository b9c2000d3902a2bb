import { BlockList, isIP, isIPv4 } from 'node:net';

// What the registries of IANA call not globally reachable (RFC 6890 and its successors), multicast, and the one public
// address at which a cloud answers its own machines.
const ipv4Networks: readonly [string, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

const ipv6Networks: readonly [string, number][] = [
  ['::', 96],
  // IPv4 behind a stateless translator (RFC 2765), not to be taken for the mapped `::ffff:0:0/96`.
  ['::ffff:0:0:0', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['100:0:0:1::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
];

const blocked = new BlockList();
for (const [network, prefix] of ipv4Networks) {
  blocked.addSubnet(network, prefix, 'ipv4');
  // The same networks as a translator between the two families reaches them (RFC 6052); mapped addresses
  // (`::ffff:10.0.0.1`) are compared as IPv4 by the list itself.
  blocked.addSubnet(`64:ff9b::${network}`, 96 + prefix, 'ipv6');
}
for (const [network, prefix] of ipv6Networks) blocked.addSubnet(network, prefix, 'ipv6');

/** Whether an IP address is not a public one: this machine, its networks, a cloud's metadata; also for what is no address. */
export function isPrivateAddress(address: string): boolean {
  const bare = address.replace(/%.*$/s, '');
  if (isIP(bare) === 0) return true;
  return blocked.check(bare, isIPv4(bare) ? 'ipv4' : 'ipv6');
}
