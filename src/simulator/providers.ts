import type { FastifyInstance } from 'fastify';
import { addEndpoints, serve } from './endpoint.ts';
import type { Dialect } from './dialect.ts';
import type { Endpoint } from './endpoint.ts';
import { providerPrefixes, simulatedProviders, unknownOperation } from './operations.ts';
import type { SimulatedProvider } from './operations.ts';
import { slngDialect } from './slng/dialect.ts';
import { slngEndpoints } from './slng/endpoints.ts';
import { SlngJobs } from './slng/jobs.ts';
import { SoketBatches } from './soket/batches.ts';
import { soketDialect } from './soket/dialect.ts';
import { soketEndpoints } from './soket/endpoints.ts';
import { SoketFiles } from './soket/files.ts';
import { storageDialect, storageEndpoints } from './storage-endpoints.ts';
import { storageError } from './storage-error.ts';
import { tiroDialect } from './tiro/dialect.ts';
import { tiroEndpoints } from './tiro/endpoints.ts';
import { TiroJobs } from './tiro/jobs.ts';
import { assetEndpoints } from './twelvelabs/asset-endpoints.ts';
import { TwelvelabsAssets } from './twelvelabs/assets.ts';
import { twelvelabsDialect } from './twelvelabs/dialect.ts';
import { sessionEndpoints } from './twelvelabs/session-endpoints.ts';
import { TwelvelabsSessions } from './twelvelabs/sessions.ts';
import type { SimulatedJob, World } from './world.ts';

const dialects: Record<SimulatedProvider, Dialect> = {
  soket: soketDialect,
  twelvelabs: twelvelabsDialect,
  tiro: tiroDialect,
  slng: slngDialect,
};

/** Puts the four providers and their storage on the server; the result lists all jobs with their status now. */
export function addProviders(app: FastifyInstance, world: World): () => SimulatedJob[] {
  const files = new SoketFiles(world);
  const batches = new SoketBatches(world);
  const assets = new TwelvelabsAssets(world);
  const sessions = new TwelvelabsSessions(world, assets);
  const tiro = new TiroJobs(world);
  const slng = new SlngJobs(world);
  const endpoints: Record<SimulatedProvider, Endpoint[]> = {
    soket: soketEndpoints(files, batches),
    twelvelabs: [...sessionEndpoints(world, sessions), ...assetEndpoints(world, assets)],
    tiro: tiroEndpoints(tiro),
    slng: slngEndpoints(world, slng),
  };
  for (const provider of simulatedProviders) {
    addEndpoints(app, world, dialects[provider], endpoints[provider]);
    addEndpoints(app, world, storageDialect(provider), storageEndpoints(world, provider));
  }
  answerUnknownPaths(app, world);
  return () => [
    ...files.list((fileId) => batches.jobOf(fileId) !== undefined),
    ...[batches, assets, sessions, tiro, slng].flatMap((resource) => resource.list()),
  ];
}

function answerUnknownPaths(app: FastifyInstance, world: World): void {
  app.setNotFoundHandler(async (request, reply) => {
    const ofStorage = simulatedProviders.find((provider) => request.url.startsWith(`/storage/${provider}/`));
    const provider =
      ofStorage ?? simulatedProviders.find((name) => request.url.startsWith(`${providerPrefixes[name]}/`));
    if (!provider) return await reply.code(404).send({ error: 'not found' });
    const dialect = ofStorage ? storageDialect(provider) : dialects[provider];
    const notFound = ofStorage
      ? storageError(405, 'MethodNotAllowed', 'The method is not allowed')
      : { status: 404, body: dialect.errorBody(404, 'not found') };
    const operation = unknownOperation(provider);
    const endpoint: Endpoint = { method: 'GET', path: '*', operation, keyless: true, handle: () => notFound };
    return await serve(world, dialect, endpoint, request, reply);
  });
}
