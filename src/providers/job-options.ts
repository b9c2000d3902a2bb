import { z } from 'zod';
import { parseDurationMs } from '../polling/duration.ts';
import { isMedia, readMediaType } from '../upload/media-format.ts';
import { isOpenersUri } from '../upload/source-uri.ts';

const longestDeadlineMs = 30 * 24 * 3_600_000;
const longestMediaSeconds = 30 * 24 * 3600;

/**
 * A `file:`, `https:` or `s3:` URI of the media, or one of a scheme that the workers have an opener for; plain `http:` is
 * for this machine only.
 */
export const sourceUri = z
  .string()
  .describe(
    'A `file:` URI that the workers see, an `https:` or `s3:` URI, or one of a scheme that they have an opener for.',
  )
  .refine(
    (uri) => {
      if (!URL.canParse(uri)) return false;
      const { protocol, hostname } = new URL(uri);
      if (protocol === 'http:') return ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
      return protocol === 'file:' || protocol === 'https:' || isOpenersUri(uri);
    },
    { error: 'expected a file:, https: or s3: URI, for instance file:///media/talk.wav or s3://bucket/talk.wav' },
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
    .transform((written) => readMediaType(written) ?? written)
    .optional(),
  /** Playing time of all files together, in place of what the containers say. */
  durationSeconds: z.number().positive().max(longestMediaSeconds).optional(),
};

/**
 * The alias of a key that the worker knows; `default` where none is given. Never the key itself. Its parts are those of
 * a variable's name, of which `_FILE` says that the key is in a file.
 */
export const credentialAlias = z
  .string()
  .max(41, 'expected an alias of at most 41 characters')
  .regex(
    /^[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*$/,
    'expected an alias such as default, acme or acme-eu: small letters and digits, with one - or _ between',
  )
  .refine((alias) => !/(^|[_-])file$/.test(alias), {
    error: 'expected an alias whose last word is not file, which is how variables say that the key is in a file',
  });

/** How long the caller is willing to wait for the end; read as milliseconds. */
export const deadline = z
  .union([z.string(), z.number()])
  .refine(
    (value) => {
      const durationMs = parseDurationMs(value);
      return durationMs !== null && durationMs >= 1000 && durationMs <= longestDeadlineMs;
    },
    { error: 'expected a duration from 1s to 30d, for instance 10m, or milliseconds' },
  )
  .transform((value) => parseDurationMs(value) ?? 0);

/** A list in which neither order nor repetition means anything: it is read in one order, each once. */
export function setOf<T extends z.ZodType<string>>(items: z.ZodArray<T>) {
  return items.transform((list) => [...new Set(list)].sort());
}

// Temporal takes no longer ones and counts in UTF-8, which half a character cannot be written in.
const workflowId = z.string().refine((id) => id !== '' && id.isWellFormed() && Buffer.byteLength(id) <= 1000, {
  error: 'expected a workflow id of 1 to 1000 bytes of well-formed text',
});

/** Workflow ids that get a `jobFinished` signal at the end. */
export const notify = setOf(z.array(workflowId).max(20));

/** What every job takes, whatever the provider. */
export const jobOptions = {
  /** The alias of a key that the worker knows, never the key itself. */
  credential: credentialAlias.default('default'),
  /** How long the job may take at most: a duration such as `10m`, or milliseconds; from 1 s to 30 days. */
  deadline: deadline.optional(),
  /** Workflow ids that get a `jobFinished` signal at the end. */
  notify: notify.default([]),
};
