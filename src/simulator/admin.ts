import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { faultSchema } from './faults.ts';
import { operations, simulatedProviders } from './operations.ts';
import { planSchemas } from './plans.ts';
import { weatherSchema } from './weather.ts';
import type { SimulatorControl } from './control.ts';

const provider = z.enum(simulatedProviders);
const callFilter = z.object({
  provider: provider.optional(),
  operation: z.enum(operations).optional(),
  jobId: z.string().optional(),
});
const providerFilter = z.object({ provider: provider.optional() });
const planBody = z.discriminatedUnion('provider', [
  z.object({ provider: z.literal('soket'), plan: planSchemas.soket }),
  z.object({ provider: z.literal('twelvelabs'), plan: planSchemas.twelvelabs }),
  z.object({ provider: z.literal('tiro'), plan: planSchemas.tiro }),
  z.object({ provider: z.literal('slng'), plan: planSchemas.slng }),
]);

/** Puts `/_simulator/…` on the server: the simulator's own methods over HTTP as JSON, without a key. */
export function addAdminEndpoints(app: FastifyInstance, simulator: SimulatorControl): void {
  const root = '/_simulator';
  app.get(`${root}/health`, () => ({ status: 'ok' }));
  app.get(`${root}/calls`, ({ query }) => simulator.calls(definedOnly(callFilter.parse(query))));
  app.get(`${root}/counters`, () => simulator.counters());
  app.get(`${root}/jobs`, ({ query }) => simulator.jobs(providerFilter.parse(query).provider));
  app.get(`${root}/objects`, ({ query }) => simulator.objects(providerFilter.parse(query).provider));
  app.post(`${root}/faults`, async (request, reply) => {
    const id = simulator.addFault(faultSchema.parse(await jsonBody(request)));
    return await reply.code(201).send({ id });
  });
  app.delete(`${root}/faults`, async (_request, reply) => {
    simulator.clearFaults();
    return await reply.code(204).send();
  });
  app.post<{ Params: { id: string } }>(`${root}/faults/:id/release`, ({ params }) => ({
    released: simulator.release(params.id),
  }));
  app.put(`${root}/weather`, async (request, reply) => {
    simulator.setWeather(weatherSchema.parse(await jsonBody(request)));
    return await reply.code(204).send();
  });
  app.delete(`${root}/weather`, async (_request, reply) => {
    simulator.setWeather(null);
    return await reply.code(204).send();
  });
  app.post(`${root}/plans`, async (request, reply) => {
    const body = planBody.parse(await jsonBody(request));
    simulator.setPlan(body.provider, body.plan);
    return await reply.code(204).send();
  });
  app.setErrorHandler(async (error, _request, reply) => {
    const status = error instanceof z.ZodError || error instanceof SyntaxError ? 400 : 500;
    const message = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    return await reply.code(status).send({ error: message });
  });
}

/** Leaves out what is undefined. */
function definedOnly<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

async function jsonBody(request: FastifyRequest): Promise<unknown> {
  const pieces: Buffer[] = [];
  for await (const piece of request.raw as AsyncIterable<Buffer>) pieces.push(piece);
  return JSON.parse(Buffer.concat(pieces).toString('utf8')) as unknown;
}
