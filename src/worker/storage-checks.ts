import { type Config, ConfigurationError } from '../config/config.ts';
import { loadS3Packages } from '../s3/s3-connection.ts';
import { S3PackagesMissingError } from '../s3/s3-packages-missing.ts';
import { isS3Uri } from '../s3/s3-uri.ts';
import type { SourceOpeners } from '../upload/media-source.ts';

// What may be read of the machine and of its network is for the settings to say.
const ours = ['file:', 'https:', 'http:'];

/** Throws a `TypeError` for openers under what is no scheme, and under a scheme that is ours. */
export function checkOpeners(openers: SourceOpeners): void {
  for (const scheme of Object.keys(openers)) {
    const isScheme = /^[a-z][a-z\d+.-]+:$/.test(scheme);
    if (isScheme && !ours.includes(scheme)) continue;
    throw new TypeError(
      `sources: expected schemes in small letters with their colon, such as gs:, none of ${ours.join(', ')}; given ${scheme}`,
    );
  }
}

/** Throws a `ConfigurationError` where results are to go to S3 and AWS's packages are not installed. */
export async function checkResults({ resultsDirectory }: Config): Promise<void> {
  if (!isS3Uri(resultsDirectory)) return;
  try {
    await loadS3Packages();
  } catch (error) {
    if (!(error instanceof S3PackagesMissingError)) throw error;
    throw new ConfigurationError([{ variable: 'PROVIDER_JOBS_RESULTS', problem: error.message }]);
  }
}
