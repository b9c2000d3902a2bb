import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import multipart from '@fastify/multipart';
import fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { addAdminEndpoints } from './admin.ts';
import { CallLog } from './calls.ts';
import { Clock } from './clock.ts';
import type { SimulatorControl } from './control.ts';
import { FaultBook } from './faults.ts';
import { providerPrefixes, simulatedProviders } from './operations.ts';
import type { SimulatedProvider } from './operations.ts';
import { PlanBook } from './plan-book.ts';
import { PresignedUrls } from './presigned-urls.ts';
import { addProviders } from './providers.ts';
import { storageError } from './storage-error.ts';
import { Storage } from './storage.ts';
import { Weather } from './weather.ts';
import type { SimulatedJob, World } from './world.ts';

/** How a simulator is set up. */
export interface SimulatorOptions {
  /** Default 127.0.0.1. */
  host?: string;
  /** Default 0: any free port. */
  port?: number;
  /** Divides every simulated duration and lifetime (default 1). */
  timeScale?: number;
  /** Accepted keys; where a provider has none, one is made up. */
  keys?: Partial<Record<SimulatedProvider, string[]>>;
  /** The part size of TwelveLabs in bytes (default 5 MiB). */
  chunkSizeBytes?: number;
}

/** A running simulator: the four providers and their storage on one port. */
export interface Simulator extends SimulatorControl {
  url: string;
  /** What goes into each provider's base URL setting. */
  baseUrls: Record<SimulatedProvider, string>;
  keys: Record<SimulatedProvider, string[]>;
  /** Stops answering and ends every connection. */
  close(): Promise<void>;
}

const defaultChunkSizeBytes = 5 * 1024 * 1024;

/** Starts the simulator and resolves once it listens; throws where the port is taken. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const clock = new Clock(options.timeScale ?? 1);
  const closing = new AbortController();
  // Every call that is held or slowed listens to it.
  setMaxListeners(0, closing.signal);
  const world: World = {
    clock,
    calls: new CallLog(),
    faults: new FaultBook(),
    weather: new Weather(),
    plans: new PlanBook(clock),
    storage: new Storage(clock),
    presignedUrls: new PresignedUrls(clock),
    keys: keysOf(options),
    chunkSizeBytes: options.chunkSizeBytes ?? defaultChunkSizeBytes,
    closing: closing.signal,
  };
  const app = await createServer();
  const listJobs = addProviders(app, world);
  const control = controlOf(world, listJobs);
  addAdminEndpoints(app, control);
  const host = options.host ?? '127.0.0.1';
  await app.listen({ host, port: options.port ?? 0 });
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${String((app.server.address() as AddressInfo).port)}`;
  const baseUrls = byProvider((provider) => `${url}${providerPrefixes[provider]}`);
  return {
    url,
    baseUrls,
    keys: world.keys,
    ...control,
    close: async () => {
      closing.abort();
      world.faults.clear();
      await app.close();
    },
  };
}

async function createServer(): Promise<FastifyInstance> {
  const app = fastify({
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 1000 },
    clientErrorHandler: (_error, socket) => {
      refuseBrokenRequest(socket);
    },
  });
  // Bodies stay unread until a handler reads them: faults come first, and uploads are streamed.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => {
    done(null);
  });
  await app.register(multipart, { limits: { fileSize: Number.POSITIVE_INFINITY, files: 1000, parts: 2000 } });
  return app;
}

/** What S3 says to a body that ends before its announced length; the parser sees no other fault in our requests. */
function refuseBrokenRequest(socket: Socket): void {
  const { status, headers = {}, body } = storageError(400, 'IncompleteBody', 'The body is shorter than announced');
  const text = String(body);
  const lines = Object.entries({ ...headers, 'content-length': String(text.length), connection: 'close' });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  if (socket.writable) socket.end(`HTTP/1.1 ${String(status)} Bad Request\r\n${head}\r\n${text}`);
}

function controlOf(world: World, listJobs: () => SimulatedJob[]): SimulatorControl {
  return {
    calls: (filter) => world.calls.list(filter),
    counters: () => world.calls.counters(),
    jobs: (provider) => listJobs().filter((job) => provider === undefined || job.provider === provider),
    objects: (provider) => world.storage.objects(provider),
    addFault: (fault) => world.faults.add(fault),
    release: (faultId) => world.faults.release(faultId),
    clearFaults: () => {
      world.faults.clear();
    },
    setWeather: (weather) => {
      world.weather.set(weather);
    },
    setPlan: (provider, plan) => {
      world.plans.set(provider, plan);
    },
  };
}

function keysOf(options: SimulatorOptions): Record<SimulatedProvider, string[]> {
  const secret = () => randomBytes(16).toString('hex');
  return byProvider((provider) => {
    const given = options.keys?.[provider] ?? [];
    if (given.length > 0) return [...given];
    return [provider === 'tiro' ? `${randomBytes(4).toString('hex')}.${secret()}` : `${provider}-${secret()}`];
  });
}

function byProvider<T>(valueOf: (provider: SimulatedProvider) => T): Record<SimulatedProvider, T> {
  return Object.fromEntries(simulatedProviders.map((provider) => [provider, valueOf(provider)])) as Record<
    SimulatedProvider,
    T
  >;
}
