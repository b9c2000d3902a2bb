import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inspectSource } from '../../../src/upload/inspect-source.ts';
import { run, type SlngActivityWorld, startSlngActivities } from '../../providers/slng/slng-activities.ts';
import { inAttempt } from '../../setup/attempts.ts';
import { makeWav } from '../../setup/wav.ts';

describe('uploadSlngFile', () => {
  let world: SlngActivityWorld;
  beforeAll(async () => {
    world = await startSlngActivities();
  });
  beforeEach(() => {
    world.reset();
  });
  afterAll(() => world.close());

  const presigned = (headers: Record<string, string>) => ({
    status: 200,
    body: {
      job_id: 'pj1',
      transcription_config: { language: 'en' },
      upload: {
        url: `${world.server.url}/bucket/talk?X-Amz-Signature=secret`,
        s3_key: 'in/talk',
        expires_in: 1800,
        headers,
      },
    },
  });
  const upload = async (environment = inAttempt()) => {
    await writeFile(join(world.folder, 'talk.wav'), makeWav(1));
    const source = await inspectSource(pathToFileURL(join(world.folder, 'talk.wav')).href);
    return run(() => world.transfers.uploadSlngFile({ source, options: {} }), environment);
  };

  it('puts the bytes with exactly the headers that SLNG gave, and without our key', async () => {
    world.server.answers.push(presigned({ 'Content-Type': 'audio/wav', 'x-amz-meta-job': 'pj1' }), {
      status: 200,
      body: '',
    });
    const uploaded = await upload();
    expect(uploaded).toEqual({ jobId: 'pj1', s3Key: 'in/talk', echoedConfig: { language: 'en' } });
    const put = world.server.requests[1];
    expect(put).toMatchObject({ method: 'PUT', path: '/bucket/talk?X-Amz-Signature=secret' });
    expect(Object.keys(put?.headers ?? {}).sort()).toEqual(
      ['connection', 'content-length', 'content-type', 'host', 'x-amz-meta-job'].sort(),
    );
    expect(put?.headers).toMatchObject({
      'content-type': 'audio/wav',
      'x-amz-meta-job': 'pj1',
      'content-length': '8044',
    });
  });

  it('takes a content length among those headers for the one that it sends anyway', async () => {
    const headers = { 'Content-Type': 'audio/wav', 'Content-Length': '8044' };
    world.server.answers.push(presigned(headers), { status: 200, body: '' });
    await upload();
    expect(world.server.requests[1]?.headers['content-length']).toBe('8044');
  });

  it('keeps the upload address out of what it remembers and returns, and of its errors', async () => {
    const environment = inAttempt();
    const heartbeats: unknown[] = [];
    environment.on('heartbeat', (details) => heartbeats.push(details));
    world.server.answers.push(presigned({}), {
      status: 403,
      body: `denied ${world.server.url}/bucket?X-Amz-Signature=secret`,
    });
    const error = await upload(environment).catch((failure: unknown) => failure);
    expect(error).toMatchObject({ type: 'ProviderUnavailable', nonRetryable: false });
    expect(String(error)).not.toContain('secret');
    world.server.answers.push(presigned({}), { status: 200, body: '' });
    const uploaded = await upload(environment);
    expect(heartbeats.at(-1)).toMatchObject({ memory: uploaded });
    expect(JSON.stringify([uploaded, heartbeats])).not.toContain('secret');
  });

  it('does not upload again what an attempt before it had finished', async () => {
    const before = { jobId: 'pj1', s3Key: 'in/talk', echoedConfig: null };
    for (const heartbeatDetails of [before, { errors: null, memory: before }]) {
      await expect(upload(inAttempt({ attempt: 2, heartbeatDetails }))).resolves.toEqual(before);
    }
    expect(world.asked()).toEqual([]);
  });
});
