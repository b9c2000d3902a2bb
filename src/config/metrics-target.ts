import { isIP } from 'node:net';
import { z } from 'zod';

/** Where metrics go: served for Prometheus at an address, or sent to an OpenTelemetry collector. */
export type MetricsTarget = { kind: 'prometheus'; bindAddress: string } | { kind: 'otlp'; url: string; http: boolean };

const expected =
  'expected an IP address and port to serve Prometheus at, for instance 0.0.0.0:9464, or the address of an ' +
  'OpenTelemetry collector: grpc://, grpcs://, http:// or https://, without user name and query';

function readAddress(written: string): MetricsTarget | null {
  const [, host = '', port = ''] = /^(.+):(\d{1,5})$/.exec(written) ?? [];
  const isAddress =
    host === 'localhost' || isIP(host) === 4 || (/^\[.+\]$/.test(host) && isIP(host.slice(1, -1)) === 6);
  if (!isAddress || Number(port) > 65_535) return null;
  return { kind: 'prometheus', bindAddress: `${host === 'localhost' ? '127.0.0.1' : host}:${port}` };
}

function readUrl(written: string): MetricsTarget | null {
  if (!URL.canParse(written)) return null;
  const { protocol, hostname, username, password, search, hash, pathname } = new URL(written);
  if (!/^(grpcs?|https?):$/.test(protocol) || hostname === '' || username + password + search + hash !== '')
    return null;
  const http = protocol.startsWith('http');
  // The path that collectors have for metrics, where none is given.
  const url = http && pathname === '/' ? new URL('/v1/metrics', written).href : written;
  return { kind: 'otlp', url, http };
}

/** Reads where metrics go, as it is written in the environment. */
export const metricsTarget = z.string().transform((written, context): MetricsTarget => {
  const target = written.includes('://') ? readUrl(written) : readAddress(written);
  if (target !== null) return target;
  context.addIssue({ code: 'custom', message: expected });
  return z.NEVER;
});
