import type { Agent, AgentOptions } from 'node:http';
import { type ForwardProxies, isDirect, proxyFor } from '../http/forward-proxy.ts';
import { toMissing } from './s3-packages-missing.ts';

/**
 * What leads AWS's own client by forward proxies, as everything else is led; `undefined` where there are none. Throws a
 * `S3PackagesMissingError` where `proxy-agent` is not installed.
 */
export async function createProxyAgent(
  proxies: ForwardProxies,
  options: AgentOptions = {},
): Promise<Agent | undefined> {
  if (isDirect(proxies)) return undefined;
  try {
    const { ProxyAgent } = await import('proxy-agent');
    return new ProxyAgent({ ...options, getProxyForUrl: (url) => proxyFor(new URL(url), proxies) ?? '' });
  } catch (error) {
    throw toMissing(error, 's3: addresses behind a forward proxy need one more package: npm install proxy-agent');
  }
}
