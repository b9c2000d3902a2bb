import { describe, expect, it, test } from 'vitest';
import { isTerminal } from '../../../src/snapshot.ts';
import { soketBatch, soketProcessingTime } from '../../../src/providers/soket/soket-batch.ts';
import { soketFile } from '../../../src/providers/soket/soket-file.ts';
import { readSoketText } from '../../../src/providers/soket/soket-transcript.ts';
import { soketTranscriptionInput } from '../../../src/providers/soket/soket-transcription-input.ts';
import { soketUpload } from '../../../src/providers/soket/soket-upload.ts';
import { soket } from '../../../src/providers/soket/soket.ts';

const upload = { status: 'accepted', total_files: 3, completed: 0, failed: 0, uploading: 0, pending: 3 };
const batch = { status: 'processing', total_files: 3, files_completed: 0, files_failed: 0 };

describe('the phase of an upload', () => {
  test.each([
    ['queued while nothing has begun', {}, 'queued'],
    ['running while a file is copied', { uploading: 1, pending: 2 }, 'running'],
    ['running while some have ended', { completed: 1, pending: 2 }, 'running'],
    ['succeeded once all are completed', { completed: 3, pending: 0 }, 'succeeded'],
    ['partially-succeeded where some of each ended', { completed: 2, failed: 1, pending: 0 }, 'partially-succeeded'],
    ['failed where all failed', { failed: 3, pending: 0 }, 'failed'],
    ['unknown where the counters are less than the total', { completed: 2, pending: 0 }, null],
    ['unknown where the counters are more than the total', { completed: 3, pending: 3 }, null],
    ['unknown where all counters are zero', { total_files: 0, pending: 0 }, null],
    ['unknown where a counter is missing', { completed: 3, pending: undefined }, null],
    ['unknown where the total is missing', { completed: 3, pending: 0, total_files: undefined }, null],
    ['unknown where a counter is null', { completed: 3, failed: null, pending: 0 }, null],
  ])('is %s', (_what, counters, phase) => {
    expect(soketUpload.read({ ...upload, ...counters }).phase).toBe(phase);
  });

  it('comes from the counters also where the status word says another thing', () => {
    expect(soketUpload.read({ ...upload, status: 'completed' }).phase).toBe('queued');
  });

  it('ends by the counters where the word for a mixed upload, which is not published, is unknown', () => {
    const reading = soketUpload.read({ ...upload, status: 'partial', completed: 2, failed: 1, pending: 0 });
    expect(reading).toMatchObject({ phase: 'partially-succeeded', recognised: false, status: 'partial' });
    expect(reading).toMatchObject({ progress: { done: 3, total: 3, unit: 'files' }, message: '1 of 3 files failed' });
  });
});

describe('the phase of a batch', () => {
  test.each([
    ['queued while nothing has begun', {}, 'queued'],
    ['running once a file has ended', { files_completed: 1 }, 'running'],
    ['running where the development counters show work', { files_processing: 1, queued_jobs: 2 }, 'running'],
    ['queued where the development counters show none', { processing_jobs: 0, queued_jobs: 3 }, 'queued'],
    ['succeeded once all are completed', { files_completed: 3 }, 'succeeded'],
    ['partially-succeeded where some of each ended', { files_completed: 1, files_failed: 2 }, 'partially-succeeded'],
    ['failed where all failed', { files_failed: 3 }, 'failed'],
    ['unknown where more ended than there are', { files_completed: 3, files_failed: 3 }, null],
    ['unknown where all counters are zero', { total_files: 0 }, null],
    ['unknown where a counter is missing', { files_completed: 3, files_failed: undefined }, null],
    ['unknown where the total is missing', { files_completed: 3, total_files: null }, null],
  ])('is %s', (_what, counters, phase) => {
    expect(soketBatch.read({ ...batch, ...counters }).phase).toBe(phase);
  });

  it('comes with the span that the estimate in the status means', () => {
    const { processingTime } = soketBatch.read({ ...batch, estimated_completion_seconds: 20 });
    expect(processingTime).toEqual({ earliestMs: 18_000, latestMs: 30_000 });
    expect(soketBatch.read(batch)).not.toHaveProperty('processingTime');
  });

  test.each([undefined, 0, -1, Number.NaN])('has no span where the estimate is %s', (seconds) => {
    expect(soketProcessingTime(seconds)).toBeNull();
  });
});

describe('the quirks of Soket', () => {
  it('1. files of an upload with and without upload_status and gcs_key are both taken', () => {
    const bare = { file_id: 'f', filename: 'a.wav', size_bytes: 1, estimated_duration_seconds: 1 };
    const full = { ...bare, upload_status: 'completed', gcs_key: 'uploads/2026/06/03/f.wav' };
    for (const file of [bare, full]) expect(soketUpload.read({ ...upload, files: [file] }).phase).toBe('queued');
  });

  it('2. the total is never the length of files', () => {
    const counters = { status: 'completed', total_files: 2, completed: 2, pending: 0 };
    const reading = soketUpload.read({ ...upload, ...counters, files: [{ file_id: 'f' }] });
    expect(reading).toMatchObject({ phase: 'succeeded', progress: { done: 2, total: 2 } });
    expect(
      soketUpload.read({ ...upload, total_files: 1, completed: 0, pending: 1, files: [{}, {}] }).progress?.total,
    ).toBe(1);
  });

  it('3. a gcs_key that is absent is no fault', () => {
    expect(soketUpload.read({ ...upload, files: [{ file_id: 'f', upload_status: 'pending' }] }).recognised).toBe(true);
  });

  it('4. ids are opaque: one with letters that no UUID has is taken and encoded into the path', () => {
    expect(soketUpload.id.safeParse('1374132g-zzzz-4ec3').success).toBe(true);
    expect(soketUpload.path('a/b ?')).toBe('/files/upload/a%2Fb%20%3F');
    expect(soketBatch.path('..x#')).toBe('/status/batch/..x%23');
    expect(soketFile.path('f&1')).toBe('/results/file/f%261');
  });

  it('5. there are no timestamps, whatever the gcs_key says', () => {
    const files = [{ file_id: 'f', gcs_key: 'uploads/2026/06/03/f.wav' }];
    expect(soketUpload.read({ ...upload, files }).timestamps).toEqual({});
  });

  it('6. retrying is not an end', () => {
    expect(isTerminal(soketFile.read({ status: 'retrying', errors: ['first try'] }).phase)).toBe(false);
    expect(isTerminal(soketBatch.read({ ...batch, status: 'retrying', files_completed: 2 }).phase)).toBe(false);
  });
});

describe('the phase of a file', () => {
  test.each([
    ['queued', 'queued'],
    ['processing', 'running'],
    ['retrying', 'running'],
    ['completed', 'succeeded'],
    ['failed', 'failed'],
    ['<string>', null],
  ])('is for %s: %s', (status, phase) => {
    expect(soketFile.read({ file_id: 'f', status })).toMatchObject({ status, phase, recognised: phase !== null });
  });
});

describe('the reasons of a batch', () => {
  it('are read of every row that has one, whatever stands beside it', () => {
    const odd = [null, 5, 'x', { filename: 7, errors: 'too short' }, { filename: 'a.wav', errors: ['noise'] }, {}];
    expect(soketBatch.reasons.read({ files: odd })).toBe('7: too short; a.wav: noise');
  });
});

describe('the text of a Soket result', () => {
  const cue = { startMs: 1000, endMs: 2500, text: 'two' };
  test.each([
    [
      'of segments of which some have no times',
      [{ text: 'one' }, { start: 1, end: 2.5, text: 'two' }],
      'one two',
      [cue],
    ],
    [
      'of segments with odd times',
      [
        { start: null, end: {}, text: 'one' },
        { start: '1', end: '2.5', text: 'two' },
      ],
      'one two',
      [cue],
    ],
    ['of a text that is a number', [{ start: 1, end: 2.5, text: 2 }], '2', [{ ...cue, text: '2' }]],
    ['of segments beside what are none', [null, 'x', { text: null }, { text: ' one ' }], 'one', []],
  ])('is whole: %s', (_what, segments, text, cues) => {
    expect(readSoketText({ segments })).toEqual({ text, cues });
    expect(readSoketText({ segments, text: ' ' }).text).toBe(text);
    expect(readSoketText({ segments, text: 'its own' }).text).toBe('its own');
    expect(readSoketText({ segments, text: 7 }).text).toBe('7');
  });

  test.each([[null], ['x'], [{}], [{ segments: {} }]])('is none where nothing is told: %j', (result) => {
    expect(readSoketText(result)).toEqual({ text: null, cues: [] });
  });
});

describe('the errors of Soket', () => {
  it('are read from the text under error', () => {
    expect(soket.readError({ error: 'uploads are not complete' })).toEqual({ message: 'uploads are not complete' });
    for (const body of [{}, null, 'text', { error: {} }, { error: [] }, { error: '' }])
      expect(soket.readError(body)).toEqual({});
  });

  test.each([
    [{ error: 'batch not found' }, { message: 'batch not found', notFound: true }],
    [{ error: 'File Not Found' }, { message: 'File Not Found', notFound: true }],
    [{ error: 'try again' }, { message: 'try again', notFound: false }],
    [batch, null],
    [{ error: null }, null],
    [[], null],
  ])('that came with 200 are found: %j', (body, expected) => {
    expect(soket.findHiddenError(body)).toEqual(expected);
  });

  test.each([
    [['bad audio', { message: 'too short' }], 'bad audio; too short'],
    [[{ code: 7 }], '{"code":7}'],
    [[], 'Soket gives no reason'],
    [undefined, 'Soket gives no reason'],
  ])('of a file are put into words: %j', (errors, message) => {
    expect(soketFile.read({ status: 'failed', errors }).message).toBe(message);
  });
});

describe('the input of soketTranscription', () => {
  const defaults = {
    speech_information: false,
    chunks: false,
    credential: 'default',
    notify: [],
    deleteAfterCollect: false,
  };
  const two = ['file:///a.wav', 'https://x.example/b.mp3'];
  test.each([
    [{ source: 'file:///a.wav' }, {}],
    [
      { source: two, speech_information: true, chunks: false, deadline: '2h' },
      { speech_information: true, deadline: 7_200_000 },
    ],
  ])('takes %j and says what was left out', (input, given) => {
    expect(soketTranscriptionInput.parse(input)).toEqual({ ...defaults, source: input.source, ...given });
  });

  test.each([
    [{ source: [] }],
    [{ source: '/a.wav' }],
    [{ source: Array.from({ length: 51 }, () => 'file:///a.wav') }],
    [{ source: 'file:///a.wav', speechInformation: true }],
    [{}],
  ])('refuses %j', (input) => {
    expect(soketTranscriptionInput.safeParse(input).success).toBe(false);
  });

  it('names the wrong one of several sources', () => {
    const { error } = soketTranscriptionInput.safeParse({ source: ['file:///a.wav', 'ftp://b'] });
    expect(error?.issues[0]?.path).toEqual(['source', 1]);
  });
});
