/** Packages for S3 are not installed; the message says what to install. */
export class S3PackagesMissingError extends Error {
  override readonly name = 'S3PackagesMissingError';
}

/** The error of a package that is not installed, which says how to get it; any other error is given back as it is. */
export function toMissing(error: unknown, remedy: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  const isMissing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
  return isMissing ? new S3PackagesMissingError(remedy) : error;
}
