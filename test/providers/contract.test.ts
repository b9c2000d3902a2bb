import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { isTerminal, type Phase, phases } from '../../src/snapshot.ts';
import type { Provider, Reading, Resource } from '../../src/providers/provider.ts';
import { providerNames, providers } from '../../src/providers/registry.ts';

const root = new URL('../fixtures/', import.meta.url);

interface Fixture {
  file: string;
  status: string;
  phase: string;
  body: Record<string, unknown>;
}

/** The phases of the documented table, where a resource has more of them than its status words tell. */
const documentedPhases: Readonly<Record<string, readonly Phase[]>> = {
  'soket.upload': ['queued', 'running', 'succeeded', 'partially-succeeded', 'failed'],
  'soket.batch': ['queued', 'running', 'succeeded', 'partially-succeeded', 'failed'],
  'twelvelabs.multipart-upload': ['awaiting-upload', 'running', 'succeeded', 'failed', 'expired'],
  'twelvelabs.asset': ['queued', 'running', 'succeeded', 'failed'],
  'tiro.voice-file-job': ['awaiting-upload', 'queued', 'running', 'succeeded', 'failed'],
  'slng.batch-job': ['queued', 'running', 'succeeded', 'failed', 'expired', 'deleted'],
};

/** What a resource may insist on: what it is and how it stands. */
const mayBeRequired = ['id', 'job_id', 'upload_id', '_id', 'batch_id', 'batch_upload_id', 'file_id', 'status'];

function readFixtures(resource: string): Fixture[] {
  const folder = new URL(`${resource}/`, root);
  return readdirSync(folder).map((file) => {
    const [status = '', phase = ''] = file.split('.');
    const body = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Record<string, unknown>;
    return { file, status, phase, body };
  });
}

function readOrNull(resource: Resource, body: unknown): Reading | null {
  try {
    return resource.read(body);
  } catch (error) {
    expect((error as Error).name).toBe('ZodError');
    return null;
  }
}

const resources = providerNames.flatMap((name) => {
  const provider: Provider = providers[name];
  return Object.entries(provider.resources).map(([short, resource]) => [`${name}.${short}`, resource] as const);
});

const nobodyKnows = [
  'constructor',
  '__proto__',
  'toString',
  'hasOwnProperty',
  '',
  ' ',
  'x'.repeat(10_240),
  '😀',
  '\u0000',
];

describe('every provider', () => {
  test.each(providerNames)('%s has a default resource that exists', (name) => {
    const provider: Provider = providers[name];
    expect(Object.keys(provider.resources)).toContain(provider.defaultResource);
    if (provider.lifecycle) expect(Object.keys(provider.resources)).toContain(provider.lifecycle.resource);
  });

  test.each(providerNames)('%s reads an error body of any shape', (name) => {
    const provider: Provider = providers[name];
    for (const body of [
      undefined,
      null,
      '',
      'text',
      7,
      [],
      {},
      { error: null },
      { error: [] },
      { message: 7 },
      { code: {} },
    ]) {
      const words = provider.readError(body);
      expect(['string', 'undefined']).toContain(typeof words.message);
      expect(['string', 'undefined']).toContain(typeof words.code);
      expect(provider.findHiddenError?.(body) ?? null).toBeNull();
    }
  });

  test.each(providerNames)('%s has a folder of fixtures for each resource and no other', (name) => {
    const provider: Provider = providers[name];
    const folders = readdirSync(root).filter((folder) => folder.startsWith(`${name}.`));
    expect(folders.sort()).toEqual(
      Object.keys(provider.resources)
        .map((short) => `${name}.${short}`)
        .sort(),
    );
  });
});

describe.each(resources)('the resource %s', (title, resource) => {
  const fixtures = readFixtures(title);
  const known = fixtures.filter(({ phase }) => phase !== 'unrecognised');

  test.each(Object.keys(resource.statuses))('has a fixture for the status %s', (status) => {
    expect(fixtures.map((fixture) => fixture.status)).toContain(status);
  });

  test.each([...(documentedPhases[title] ?? new Set(Object.values(resource.statuses)))])(
    'has a fixture for the phase %s',
    (phase) => {
      expect(known.map((fixture) => fixture.phase)).toContain(phase);
    },
  );

  test.each(known)('gives the phase in the name of $file', ({ status, phase, body }) => {
    const reading = resource.read(body);
    expect(phases).toContain(phase);
    expect(reading).toMatchObject({ phase, recognised: true });
    if (Object.hasOwn(resource.statuses, status)) expect(reading.status).toBe(status);
  });

  test.each(fixtures.filter(({ phase }) => phase === 'unrecognised'))('does not recognise $file', ({ body }) => {
    const reading = resource.read(body);
    expect(reading.recognised).toBe(false);
    expect(isTerminal(reading.phase)).toBe(false);
  });

  test.each(known)('does not mind more fields than are known in $file', ({ body }) => {
    const more = { ...body, surprise: { nested: [1] }, version: null };
    expect(resource.read(more)).toEqual(resource.read(body));
  });

  test.each(known)('takes $file with any one field missing or null, and ends no job by it', ({ body }) => {
    const before = resource.read(body);
    for (const field of Object.keys(body)) {
      const missing = Object.fromEntries(Object.entries(body).filter(([name]) => name !== field));
      for (const changed of [missing, { ...body, [field]: null }]) {
        const reading = readOrNull(resource, changed);
        if (reading === null) expect(mayBeRequired).toContain(field);
        else if (!isTerminal(before.phase)) expect(isTerminal(reading.phase), field).toBe(false);
      }
    }
  });

  test.each(nobodyKnows)('takes the status %j for a word that nobody knows', (word) => {
    for (const { body } of known) {
      const reading = resource.read({ ...body, status: word });
      expect(reading).toMatchObject({ recognised: false, status: word });
      if (!isTerminal(resource.read(body).phase)) expect(isTerminal(reading.phase)).toBe(false);
    }
  });

  test.each([...nobodyKnows, ...Object.keys(resource.statuses).map((word) => `${word} `)])(
    'ends no job by the status %j alone',
    (word) => {
      const ids = Object.fromEntries(mayBeRequired.map((field) => [field, 'a']));
      expect(isTerminal(resource.read({ ...ids, status: word }).phase)).toBe(false);
    },
  );

  test.each([null, 'DONE', 7, [], {}, { status: null }, { status: {} }, { status: [] }])(
    'does not take %j for a job',
    (body) => {
      expect(() => resource.read(body)).toThrow(expect.objectContaining({ name: 'ZodError' }));
    },
  );

  it('keeps an id within its place in the path', () => {
    const segments = (path: string) => new URL(`http://host${path}`).pathname.split('/').length;
    for (const id of [
      'a/b',
      '../admin',
      '..',
      '.',
      '',
      'a?b=c',
      'a#b',
      'a%2Fb',
      'ü 😀',
      '\u0000',
      'a\nb',
      'x'.repeat(257),
    ]) {
      if (!resource.id.safeParse(id).success) continue;
      expect(segments(resource.path(id)), id).toBe(segments(resource.path('abc')));
    }
  });

  test.each(['', '.', '..', '\u0000', 'a\nb', 'x'.repeat(257), '\ud800'])('refuses the id %j', (id) => {
    expect(resource.id.safeParse(id).success).toBe(false);
  });

  it('may be asked no more often than once in half a second, and at least each minute', () => {
    expect(resource.polling.floorMs).toBeGreaterThanOrEqual(500);
    expect(resource.polling.capMs).toBeGreaterThanOrEqual(resource.polling.floorMs);
    expect(resource.polling.capMs).toBeLessThanOrEqual(60_000);
  });
});

describe('the typical response of a vendor’s own page', () => {
  test.each<[string, string, Partial<Reading>]>([
    ['soket.upload', 'completed.succeeded.json', { progress: { done: 2, total: 2, unit: 'files' }, message: null }],
    [
      'twelvelabs.multipart-upload',
      'active.running.json',
      { progress: { done: 15, total: 20, unit: 'chunks' }, message: null },
    ],
    ['tiro.voice-file-job', 'PROCESSING.running.json', { progress: null, message: null }],
    ['slng.batch-job', 'DONE.succeeded.json', { progress: null, message: null }],
  ])('of %s is read from %s unchanged', (title, file, expected) => {
    const resource = new Map<string, Resource>(resources).get(title);
    const fixture = readFixtures(title).find((each) => each.file === file);
    expect(resource?.read(fixture?.body)).toMatchObject({ ...expected, phase: fixture?.phase, recognised: true });
  });
});
