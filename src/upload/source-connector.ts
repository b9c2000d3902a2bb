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
    // An address that stands in the URL itself is never looked up.
    const host = target.hostname.replace(/^\[(.*)\]$/, '$1');
    if (isIP(host) !== 0 && isPrivateAddress(host) && !mayReachPrivate()) callback(new PrivateAddressError(host), null);
    else connect(target, callback);
  };
}
