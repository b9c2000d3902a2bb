import { z } from 'zod';
import { parseDurationMs } from '../polling/duration.ts';
import { isMedia, readMediaType } from '../upload/media-format.ts';

const longestDeadlineMs = 30 * 24 * 3_600_000;
const longestMediaSeconds = 30 * 24 * 3600;

/** A `file:` or `https:` URI of the media; plain `http:` is for this machine only. */
export const sourceUri = z.string().refine(
  (uri) => {
    if (!URL.canParse(uri)) return false;
    const { protocol, hostname } = new URL(uri);
    if (protocol === 'http:') return ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
    return protocol === 'file:' || protocol === 'https:';
  },
  { error: 'expected a file: or https: URI, for instance file:///media/talk.wav' },
);

/** What a caller may say of the media of a lifecycle, all files alike, where it is known better than it shows. */
export const mediaOptions = {
  /** In place of what the server declares, the name says and the content shows. */
  mediaType: z
    .string()
    .refine(
      (written) => {
        const mediaType = readMediaType(written);
        return mediaType !== null && (isMedia(mediaType) || mediaType.startsWith('image/'));
      },
      { error: 'expected a media type such as audio/mpeg or video/mp4' },
    )
    .optional(),
  /** Playing time of all files together, in place of what the containers say. */
  durationSeconds: z.number().positive().max(longestMediaSeconds).optional(),
};

/** The alias of a key that the worker knows; `default` where none is given. Never the key itself. */
export const credentialAlias = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,40}$/, 'expected an alias such as default or acme: small letters, digits, - and _');

/** How long the caller is willing to wait for the end. */
export const deadline = z.union([z.string(), z.number()]).refine(
  (value) => {
    const durationMs = parseDurationMs(value);
    return durationMs !== null && durationMs >= 1000 && durationMs <= longestDeadlineMs;
  },
  { error: 'expected a duration from 1s to 30d, for instance 10m, or milliseconds' },
);

/** Workflow ids that get a `jobFinished` signal at the end. */
export const notify = z.array(z.string().min(1).max(1000)).max(20);

/** What every job takes, whatever the provider. */
export const jobOptions = {
  credential: credentialAlias.optional(),
  deadline: deadline.optional(),
  notify: notify.optional(),
};
