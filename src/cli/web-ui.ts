const localAddress = /^(localhost|127(\.\d+){3}|\[::1\]):(\d+)$/;

/** Address of the Web UI: as configured, else a local dev server's (1,000 above its port), else not known. */
export function webUiOf(temporalAddress: string, configured: string | undefined): string | null {
  if (configured !== undefined) return configured.replace(/\/$/, '');
  const port = localAddress.exec(temporalAddress)?.[3];
  return port === undefined ? null : `http://localhost:${String(Number(port) + 1000)}`;
}
