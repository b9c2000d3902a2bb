import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { generate } from 'selfsigned';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { inspectSource } from '../../src/upload/inspect-source.ts';
import { openSource } from '../../src/upload/open-source.ts';
import { startContentServer, type ContentServer } from './content-server.ts';

// What nobody caught would end a worker, and every job in it.
const escaped: unknown[] = [];
const note = (error: unknown): void => void escaped.push(error);
const servers: Server[] = [];
let certificate: Awaited<ReturnType<typeof generate>>;

beforeAll(async () => {
  certificate = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
});

beforeEach(() => {
  escaped.length = 0;
  process.on('uncaughtException', note).on('unhandledRejection', note);
});

afterEach(async () => {
  await nextTurn();
  process.off('uncaughtException', note).off('unhandledRejection', note);
  expect(escaped).toEqual([]);
});

afterAll(() => {
  for (const server of servers) server.close();
});

const options = (): Parameters<typeof openSource>[1] => ({
  ...{ allowPrivateAddresses: true, timeoutMs: 500, ca: certificate.cert },
});

/** Listens on this machine; what comes over TLS is answered once its request is there. */
async function listen(behave: (socket: Socket) => void, tls: boolean): Promise<string> {
  const withTls = { key: certificate.private, cert: certificate.cert };
  const server = tls
    ? createTlsServer(withTls, (socket) => {
        socket
          .on('error', () => undefined)
          .once('data', () => {
            behave(socket);
          });
      })
    : createServer((socket) => {
        behave(socket.on('error', () => undefined));
      });
  servers.push(server.unref());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `https://localhost:${String((server.address() as AddressInfo).port)}/talk.wav`;
}

const answer = (socket: Socket, head: string, body = ''): void => void socket.write(`HTTP/1.1 ${head}\r\n\r\n${body}`);

const onTheWire: [string, (socket: Socket) => void, boolean][] = [
  ['resets the connection', (socket) => void socket.resetAndDestroy(), false],
  ['closes it before TLS', (socket) => void socket.end(), false],
  ['speaks no TLS', (socket) => void socket.write('220 ftp ready\r\n'.repeat(9)), false],
  ['never says a word', () => undefined, false],
  ['speaks no HTTP', (socket) => void socket.write('\u0000\u0001nonsense\r\n\r\n'), true],
  ['closes it in place of an answer', (socket) => void socket.destroy(), true],
  ['closes it within the headers', (socket) => void socket.end('HTTP/1.1 200 OK\r\nContent-Le'), true],
  [
    'tells a length that is no number',
    (socket) => {
      answer(socket, '200 OK\r\nContent-Length: banana', 'x');
    },
    true,
  ],
  [
    'tells two lengths',
    (socket) => {
      answer(socket, '200 OK\r\nContent-Length: 1\r\nContent-Length: 2', 'xx');
    },
    true,
  ],
  [
    'sends headers without end',
    (socket) => {
      answer(socket, `200 OK\r\n${'X-A: b\r\n'.repeat(9000)}`);
    },
    true,
  ],
  [
    'changes the protocol',
    (socket) => {
      answer(socket, '101 Switching\r\nUpgrade: x\r\nConnection: upgrade', 'x');
    },
    true,
  ],
];

describe('a source whose server', () => {
  test.each(onTheWire)('%s is unreadable for now', async (_what, behave, tls) => {
    const uri = await listen(behave, tls);
    const expected = { name: 'SourceError', kind: 'unreadable', retryable: true };
    await expect(inspectSource(uri, options())).rejects.toMatchObject(expected);
    await expect(inspectSource(uri, options())).rejects.not.toThrow(/undefined/);
  });

  test.each(['no-such-host.invalid', 'a..b', `${'x'.repeat(64)}.invalid`, '-a-.invalid', '1.2.3.4.5.invalid'])(
    'is at %s, which does not resolve, is unreadable for now',
    async (host) => {
      for (const allowPrivateAddresses of [true, false]) {
        const looking = inspectSource(`https://${host}/talk.wav`, { ...options(), allowPrivateAddresses });
        await expect(looking).rejects.toMatchObject({ name: 'SourceError', kind: 'unreadable', retryable: true });
      }
    },
  );
});

describe('an abort at any moment', () => {
  let server: ContentServer;
  beforeAll(async () => {
    server = await startContentServer({ content: Buffer.alloc(400_000, 1) });
  });
  afterAll(() => server.close());

  test('of a look is an error of that look', async () => {
    for (let delayMs = 0; delayMs < 30; delayMs += 1) {
      const signal = AbortSignal.timeout(delayMs);
      const looking = inspectSource(`${server.origin}/talk`, { ...options(), ca: server.ca, signal });
      await looking.catch((error: unknown) => {
        expect(error).toMatchObject({ name: 'TimeoutError' });
      });
    }
  });

  test.each([
    [
      'an abort',
      (abort: AbortController) => {
        abort.abort();
      },
    ],
    ['the end of the source', () => undefined],
  ])('of a read by %s is an error of that read', async (_what, end) => {
    for (let delayMs = 0; delayMs < 20; delayMs += 1) {
      const source = await openSource(`${server.origin}/talk`, { ...options(), ca: server.ca });
      const abort = new AbortController();
      const reading = source.read({ start: 0, end: 400_000 }, abort.signal).toArray();
      const ended = reading.then(
        () => 'whole',
        () => 'broken off',
      );
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      end(abort);
      await source.close();
      expect(['whole', 'broken off']).toContain(await ended);
    }
  });
});

test('a recording of one byte over and over holds nobody up while its length is looked for', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'poison-media-'));
  const path = join(directory, 'erased.mp3');
  await writeFile(path, Buffer.alloc(200_000, 0xff));
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 1);
  expect(await inspectSource(pathToFileURL(path).href)).toMatchObject({ sizeBytes: 200_000 });
  clearInterval(timer);
  await rm(directory, { recursive: true });
  // Each turn is one in which another job could go on.
  expect(turns).toBeGreaterThan(10);
});
