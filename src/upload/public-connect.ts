import { lookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { isPrivateAddress } from './private-address.ts';

/** The host is on an address that sources may not be read from; thrown where a connection was about to be opened. */
export class PrivateAddressError extends Error {
  override readonly name = 'PrivateAddressError';
}

// Refused where any address is private: which of them is connected to would be the name server's choice.
const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    // Without addresses, whatever the type says.
    if (error !== null) {
      callback(error, []);
      return;
    }
    const [first] = addresses;
    if (first === undefined || addresses.some(({ address }) => isPrivateAddress(address)))
      callback(new PrivateAddressError(hostname), []);
    else if (options.all === true) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};

/**
 * Opens connections to public addresses only. The address is checked when it is connected to, so that neither a
 * redirect nor a name that resolves differently the second time (DNS rebinding) leads elsewhere.
 */
export function createPublicConnector(options: buildConnector.BuildOptions): buildConnector.connector {
  const connect = buildConnector({ ...options, lookup: publicLookup });
  return (target, callback) => {
    // An address that stands in the URL itself is never looked up.
    const host = target.hostname.replace(/^\[(.*)\]$/, '$1');
    if (isIP(host) !== 0 && isPrivateAddress(host)) callback(new PrivateAddressError(host), null);
    else connect(target, callback);
  };
}
