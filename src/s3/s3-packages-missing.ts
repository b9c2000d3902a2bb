/** AWS's packages are not installed; the message says what to install. */
export class S3PackagesMissingError extends Error {
  override readonly name = 'S3PackagesMissingError';
}
