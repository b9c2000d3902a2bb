/** What an `s3:` address names: an object, or with a key that may be empty all that is below it. */
export interface S3Address {
  bucket: string;
  key: string;
}

const shape = /^s3:\/\/(?<bucket>[a-z\d][\w.-]{1,253}[a-z\d])(?:\/(?<key>.*))?$/is;
const longestKeyBytes = 1024;

/** What an address has to look like, for messages. */
export const s3Form = 's3://bucket/key, the key as it is, neither encoded nor with user name or password';

/** Whether a text is meant as an `s3:` address, well written or not. */
export function isS3Uri(text: string): boolean {
  return /^s3:/i.test(text);
}

/** Reads an address as AWS's own tools do, which leave the key as it is written; `null` for what is none. */
export function parseS3Uri(uri: string): S3Address | null {
  const { bucket, key = '' } = shape.exec(uri)?.groups ?? {};
  if (bucket === undefined || !key.isWellFormed() || Buffer.byteLength(key) > longestKeyBytes) return null;
  return { bucket, key };
}

/** The address of an object. */
export function toS3Uri({ bucket, key }: S3Address): string {
  return `s3://${bucket}/${key}`;
}

/** The address of a folder with its slash at the end, whether it was written with one or not; `null` for what is none. */
export function parseS3Folder(uri: string): S3Address | null {
  const address = parseS3Uri(uri);
  if (address === null) return null;
  const { bucket, key } = address;
  return { bucket, key: key === '' || key.endsWith('/') ? key : `${key}/` };
}
