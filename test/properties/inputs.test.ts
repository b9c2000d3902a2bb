import { Client } from '@temporalio/client';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { checkLifecycleInput, checkPipelineInput, checkStart, checkTrack } from '../../src/client/check-input.ts';
import { InvalidInputError } from '../../src/client/invalid-input-error.ts';
import { ConfigurationError, readConfig } from '../../src/config/config.ts';
import { parseDurationMs } from '../../src/polling/duration.ts';
import { readRetryAfterMs } from '../../src/http/retry-after.ts';
import type { MediaPipelineInput } from '../../src/contract/pipeline.ts';
import { providerNames } from '../../src/providers/registry.ts';
import { allSettings } from '../../src/config/settings.ts';
import { redactUri } from '../../src/upload/source-uri.ts';
import { lifecycleWorkflowId } from '../../src/contract/workflow-ids.ts';
import { anyJson, everyResource } from './any-json.ts';

// Never connects: nothing here asks a server.
const client = new Client();
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '',
    ' ',
    '..',
    '../../etc/passwd',
    'a/b',
    'é',
    '😀',
    '\ud800',
    '\u0000',
    'a\r\nX: b',
    'x'.repeat(10_240),
  ),
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
);

/** What `check` gives back, or `null` where it refuses with an `InvalidInputError`; anything else thrown is a fault. */
function orRefused<T>(check: () => T): T | null {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    expect(error.faults.length).toBeGreaterThan(0);
    return null;
  }
}

const inputFields = [
  'source',
  'deadline',
  'notify',
  'credential',
  'steps',
  'strategy',
  'transcriptLocaleHints',
  'filename',
];
const anyInput = fc.oneof(
  anyJson.value,
  fc.dictionary(
    fc.oneof(fc.constantFrom(...inputFields), fc.string({ maxLength: 5 })),
    fc.oneof(anyJson.value, anyText, fc.constant('file:///a.wav'), fc.constant('10m')),
    { maxKeys: 6 },
  ),
);

describe('whatever a caller gives', () => {
  it('as input is taken or refused by field', () => {
    fc.assert(
      fc.property(fc.constantFrom(...providerNames), anyInput, (provider, input) => {
        const durationMs = orRefused(() => checkLifecycleInput(client, provider, input).deadlineMs);
        expect(durationMs === null || (Number.isFinite(durationMs) && durationMs >= 1000)).toBe(true);
        const pipelineMs = orRefused(() => checkPipelineInput(client, input as MediaPipelineInput).deadlineMs);
        expect(pipelineMs === null || (Number.isFinite(pipelineMs) && pipelineMs >= 1000)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it('as an id or a key is refused, or stays within its place', () => {
    const names = everyResource.map(({ name, short }) => `${name}.${short}`);
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...names), anyText), anyText, anyJson.value, (name, id, options) => {
        orRefused(() => checkTrack(name, id, options as object));
        const target = orRefused(() => checkTrack(name, id, {}));
        const found = everyResource.find(({ name: provider, short }) => `${provider}.${short}` === name);
        const path = target === null ? undefined : found?.resource.path(id);
        if (path !== undefined) expect(new URL(path, 'https://host').pathname).toBe(path);
        const key = orRefused(() => checkStart({ key: id }).key);
        if (key != null) expect(lifecycleWorkflowId('tiro', key).split('/')).toHaveLength(3);
      }),
      { numRuns: 400 },
    );
  });
});

test('whatever is in the environment is taken or refused as a whole', () => {
  const names = [
    ...Object.keys(allSettings()),
    'TIRO_API_KEY__ACME',
    'SLNG_API_KEY_FILE',
    'PROVIDER_JOBS_X',
    '__proto__',
  ];
  const written = fc.oneof(
    anyText,
    fc.constantFrom('1', '1e309', '-1', 'true', '/a:/b', 'all', '10m', 'https://a.example'),
  );
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), written), (environment) => {
      try {
        const { timeScale, shutdownGraceMs, sourceRoots } = readConfig(environment);
        expect(timeScale > 0 && Number.isFinite(timeScale) && Number.isFinite(shutdownGraceMs)).toBe(true);
        expect(sourceRoots?.every((root) => root.startsWith('/')) ?? true).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigurationError);
      }
    }),
    { numRuns: 500 },
  );
});

test('no text makes a duration that is not one', () => {
  const nearly = fc
    .tuple(fc.double(), fc.constantFrom('', 'ms', 's', 'm', 'h', 'd', 'y', ' years', 'x'))
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.oneof(anyText, nearly, fc.double()), (value) => {
      const durationMs = parseDurationMs(value);
      expect(durationMs === null || (Number.isFinite(durationMs) && durationMs > 0)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('no header makes us wait for longer than a day', () => {
  const value = fc.oneof(
    anyText,
    fc.double().map(String),
    fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
  );
  fc.assert(
    fc.property(value, value, value, (retryAfter, reset, date) => {
      const headers = { 'retry-after': retryAfter, 'x-ratelimit-reset': reset, date };
      const waitMs = readRetryAfterMs(headers, true, Date.now());
      expect(waitMs === undefined || (waitMs > 0 && waitMs <= 86_400_000)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('no URI shows its password or its query', () => {
  const part = fc.string({ unit: 'binary', maxLength: 20 });
  fc.assert(
    fc.property(
      fc.constantFrom('https://', ' https://', 'https:', 'https:\\\\', 'ht\ttps:/'),
      part,
      part,
      part,
      (scheme, user, path, query) => {
        const uri = `${scheme}${encodeURIComponent(user.toWellFormed())}:canary@media.example/${path}?sig=${query}canary`;
        expect(redactUri(uri)).not.toContain('canary');
      },
    ),
  );
});
