import { Agent, type buildConnector, type Dispatcher, EnvHttpProxyAgent } from 'undici';
import { createProxyClient } from './proxy-client.ts';

/** The forward proxies that lead out of a network, and what is reached without them. */
export interface ForwardProxies {
  /** Address of the one for `http:`; `undefined` for none. */
  http: string | undefined;
  /** Of the one for `https:`; where there is none, that for `http:` is used. */
  https: string | undefined;
  /** Hosts, each with its subdomains, between commas or spaces, also with a port; `*` for all. */
  except: string;
}

/** No proxy at all. */
export const noProxies: ForwardProxies = { http: undefined, https: undefined, except: '' };

// What runs on this machine no proxy can reach.
const thisMachine = 'localhost 127.0.0.1 [::1]';

/** Whether a host, as it stands in a URL, is this machine. */
export function isLoopbackHost(hostname: string): boolean {
  return /^((.*\.)?localhost|127(\.\d+){3}|\[::1\])$/i.test(hostname);
}

/** The address of a proxy for HTTP as it was written, with or without its scheme; `null` for what is none. */
export function parseProxy(written: string): URL | null {
  // As curl takes it.
  const text = written.includes('://') ? written : `http://${written}`;
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const parts = [url.username, url.password];
  // A name alone would never be sent.
  if (!/^https?:$/.test(url.protocol) || (parts[0] === '') !== (parts[1] === '')) return null;
  try {
    parts.forEach(decodeURIComponent);
    return url;
  } catch {
    return null;
  }
}

/** Whether everything is reached without a proxy. */
export function isDirect({ http, https, except }: ForwardProxies): boolean {
  return (http === undefined && https === undefined) || /(^|[\s,])\*($|[\s,])/.test(except);
}

/** How a connection is opened: in what time, and with which certificate authorities in place of the system's. */
interface ConnectOptions {
  timeout: number;
  ca?: string;
}

/** A pool of connections that lead through the proxies, save to this machine; `connector` opens those without a proxy. */
export function createAgent(
  options: Omit<Agent.Options, 'connect'>,
  connect: ConnectOptions,
  proxies: ForwardProxies = noProxies,
  connector?: buildConnector.connector,
): Dispatcher {
  const direct = { ...options, connect: connector ?? connect };
  if (isDirect(proxies)) return new Agent(direct);
  const { http = '', https = '', except } = proxies;
  const tls = { requestTls: connect, proxyTls: { timeout: connect.timeout } };
  // What is not given here would be looked up in the environment.
  const given = { httpProxy: http, httpsProxy: https, noProxy: `${except} ${thisMachine}` };
  const clientFactory = (origin: URL, of: object) => createProxyClient(origin, of, connect.timeout);
  return new EnvHttpProxyAgent({ ...direct, ...tls, ...given, clientFactory });
}
