import { lookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { isPrivateAddress } from './private-address.ts';

/** The host is on an address that sources may not be read from; thrown where a connection was about to be opened. */
export class PrivateAddressError extends Error {
  override readonly name = 'PrivateAddressError';
}

// Private where any address is: which of them is connected to would be the name server's choice.
function createLookup(mayReachPrivate: () => boolean): LookupFunction {
  return (hostname, options, callback) => {
    // Nothing may be thrown in here, since nobody could catch it: with an error there are no addresses at all.
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[] | undefined) => {
      const [first] = addresses ?? [];
      if (error !== null) callback(error, []);
      else if (first === undefined || addresses === undefined)
        callback(Object.assign(new Error(`${hostname} has no address`), { code: 'ENOTFOUND' }), []);
      else if (addresses.some(({ address }) => isPrivateAddress(address)) && !mayReachPrivate())
        callback(new PrivateAddressError(hostname), []);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

/**
 * Opens connections to public addresses, and to others where `mayReachPrivate`, asked for each of them, says so. The
 * address is checked when it is connected to, so that neither a redirect nor a name that resolves differently the
 * second time (DNS rebinding) leads elsewhere.
 */
export function createSourceConnector(
  options: buildConnector.BuildOptions,
  mayReachPrivate: () => boolean,
): buildConnector.connector {
  const connect = buildConnector({ ...options, lookup: createLookup(mayReachPrivate) });
  return (target, callback) => {
    const { hostname } = target;
    if (isPrivateLiteral(hostname) && !mayReachPrivate()) callback(new PrivateAddressError(hostname), null);
    else connect(target, callback);
  };
}

/** Whether an address that stands in a URL itself, which is never looked up, is a private one. */
function isPrivateLiteral(hostname: string): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(host) !== 0 && isPrivateAddress(host);
}

/**
 * The same check for a host that a proxy connects to. A name that only the proxy can look up is the proxy's to refuse;
 * `mayReachPrivate` is asked, as nobody knows where it leads, but not obeyed.
 * @throws PrivateAddressError where the host is known here to be on a private address, and may not be reached.
 */
export async function checkBehindProxy(hostname: string, mayReachPrivate: () => boolean): Promise<void> {
  if (isPrivateLiteral(hostname) && !mayReachPrivate()) throw new PrivateAddressError(hostname);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) !== 0) return;
  const error = await new Promise<Error | null>((resolve) => {
    createLookup(mayReachPrivate)(host, { all: true }, resolve);
  });
  if (error instanceof PrivateAddressError) throw error;
  if (error !== null) mayReachPrivate();
}
