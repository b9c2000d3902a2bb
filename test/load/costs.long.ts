import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePort } from '../../src/dev/free-port.ts';
import { startTemporalServer, type TemporalServer } from '../../src/dev/temporal-server.ts';
import { eventually } from '../setup/eventually.ts';
import { beginTiroJob } from '../setup/tiro-job.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

const mark = '<!-- From here on written by npm run test:load -- costs -u -->\n';
const page = new URL('../../docs/costs.md', import.meta.url);

/** How the server's own kinds of Action are put together on the page. */
const kinds: [title: string, belongs: (kind: string) => boolean][] = [
  ['starts', (kind) => kind === 'grpc_StartWorkflowExecution' || kind === 'command_StartChildWorkflowExecution'],
  ['activities', (kind) => kind === 'command_ScheduleActivityTask'],
  ['further attempts', (kind) => kind === 'activity_retry'],
  ['heartbeats', (kind) => kind === 'grpc_RecordActivityTaskHeartbeat'],
  ['signals', (kind) => kind === 'grpc_SignalWorkflowExecution' || kind.includes('SignalExternal')],
  ['timers', (kind) => kind === 'command_StartTimer'],
  ['attributes and memo', (kind) => /Upsert|ModifyWorkflowProperties|Marker/.test(kind)],
];

describe('what a job costs', () => {
  let folder: string;
  let server: TemporalServer;
  let metricsUrl: string;
  let world: World;
  let source: string;
  const rows: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'provider-jobs-costs-'));
    const metricsPort = await findFreePort();
    metricsUrl = `http://127.0.0.1:${String(metricsPort)}/metrics`;
    server = await startTemporalServer({
      ...{ env: process.env, temporalCliPath: process.env['TEMPORAL_CLI_PATH'], ui: false, metricsPort },
      dbFilename: join(folder, 'temporal.db'),
    });
    world = await startWorld({
      ...{ namespace: 'default', temporalAddress: server.address, simulator: { chunkSizeBytes: 400_000 } },
      environment: { SOKET_RATE: '100/s' },
    });
    source = await world.writeSource('talk.wav', makeWav(60));
  });
  afterAll(async () => {
    await world.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function readActions(): Promise<Map<string, number>> {
    const sums = new Map<string, number>();
    for (const line of (await (await fetch(metricsUrl)).text()).split('\n')) {
      const [, labels = '', value = ''] = /^action\{(.*)\} (\S+)$/.exec(line) ?? [];
      if (!labels.includes('namespace="default"')) continue;
      const kind = /action_type="([^"]*)"/.exec(labels)?.[1] ?? '';
      sums.set(kind, (sums.get(kind) ?? 0) + Number(value));
    }
    return sums;
  }

  /** The server counts in its own time: what it says twice, seconds apart, stands. */
  async function settledActions(): Promise<Map<string, number>> {
    let last = new Map<string, number>();
    return eventually(
      'the server has counted',
      async () => {
        const now = await readActions();
        const stands = JSON.stringify([...now]) === JSON.stringify([...last]);
        last = now;
        return stands ? now : null;
      },
      60_000,
      7000,
    );
  }

  interface Run {
    title: string;
    type: string;
    id: string;
    input: object;
  }

  /** Runs one job alone and writes what the server counted. */
  async function measure({ title, type, id, input }: Run) {
    const before = await settledActions();
    const handle = await world.start(type, id, input);
    const { statusCalls } = (await handle.result()) as { statusCalls?: number };
    const after = await settledActions();
    const counted = [...after].map(([kind, sum]) => [kind, sum - (before.get(kind) ?? 0)] as const);
    const actions = counted.reduce((sum, [, count]) => sum + count, 0);
    const ofKinds = kinds.map(([, belongs]) =>
      counted.reduce((sum, [kind, count]) => (belongs(kind) ? sum + count : sum), 0),
    );
    const named = ofKinds.reduce((sum, count) => sum + count, 0);
    expect(counted.filter(([kind, count]) => count > 0 && !kinds.some(([, belongs]) => belongs(kind)))).toEqual([]);
    expect(named).toBe(actions);
    const { historyLength } = await handle.describe();
    rows.push(`| ${[title, statusCalls ?? '', historyLength, actions, ...ofKinds].join(' | ')} |`);
    return { actions, historyLength, statusCalls };
  }

  const tenLooks = { durationMs: 0, script: [{ status: 'PROCESSING', polls: 9 }] };

  it.each([
    ['terminal', 13, 12],
    ['phases', 17, 20],
  ])('is at most %s: %i Actions for ten looks of a track', async (observe, mostActions, mostEvents) => {
    world.simulator.setPlan('tiro', tenLooks);
    const id = await beginTiroJob(world.simulator);
    const input = { provider: 'tiro', resource: 'voice-file-job', id, observe };
    const run = {
      title: `track, \`observe: '${observe}'\``,
      type: 'trackJob',
      id: `provider-job/tiro/voice-file-job/${id}`,
    };
    const { actions, historyLength, statusCalls } = await measure({ ...run, input });
    expect(statusCalls).toBe(10);
    expect(actions).toBeLessThanOrEqual(mostActions);
    expect(historyLength).toBeLessThanOrEqual(mostEvents);
  });

  it('is a few Actions more for each lifecycle than for its looks', async () => {
    const lifecycle = async (title: string, type: string, provider: string, more: object = {}) => {
      const id = `provider-job/${provider}/${encodeURIComponent(title)}`;
      const { actions, statusCalls = 0 } = await measure({ title, type, id, input: { source, ...more } });
      expect(actions - statusCalls).toBeLessThan(30);
    };
    world.simulator.setPlan('tiro', {
      durationMs: 0,
      script: [
        { status: 'UPLOADED', polls: 1 },
        { status: 'PROCESSING', polls: 3 },
      ],
    });
    await lifecycle('Tiro', 'tiroTranscription', 'tiro');
    world.simulator.setPlan('tiro', {
      durationMs: 0,
      script: [
        { status: 'UPLOADED', polls: 1 },
        { status: 'PROCESSING', polls: 3 },
      ],
    });
    await lifecycle('Tiro, telling one workflow in `notify`', 'tiroTranscription', 'tiro', { notify: ['nobody'] });
    const slng = {
      durationMs: 0,
      script: [
        { status: 'QUEUED', polls: 1 },
        { status: 'IN_PROGRESS', polls: 3 },
      ],
    };
    world.simulator.setPlan('slng', slng);
    await lifecycle('SLNG', 'slngTranscription', 'slng');
    await lifecycle('Soket, with a rate', 'soketTranscription', 'soket');
    await lifecycle('TwelveLabs, 5 chunks', 'twelvelabsUpload', 'twelvelabs');
  });

  it('is told by its page', async () => {
    const [prose = ''] = (await readFile(page, 'utf8')).split(mark);
    const head = ['what', 'looks', 'events', 'Actions', ...kinds.map(([title]) => title)];
    const table = [`| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`, ...rows].join('\n');
    await expect(`${prose}${mark}\n${table}\n`).toMatchFileSnapshot(fileURLToPath(page));
  });
});
