import { z } from 'zod';
import type { Answer } from '../answer.ts';
import type { Call } from '../call.ts';
import type { Endpoint } from '../endpoint.ts';
import { providerPrefixes } from '../operations.ts';
import type { World } from '../world.ts';
import { SlngCreate } from './create.ts';
import type { SlngJobs } from './jobs.ts';

/** POST_PROCESSING is a status but not a filter value: so the vendor's list page says. */
const filterStatuses = ['QUEUED', 'IN_PROGRESS', 'DECODING', 'DONE', 'FAILED', 'DELETED'];
const listQuery = z.object({
  page: z.coerce.number().int().min(1).default(1),
  page_size: z.coerce.number().int().min(1).max(100).default(20),
  status: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(filterStatuses)))
    .optional(),
  model_code: z.string().optional(),
  submitted_after: z.iso.datetime({ offset: true }).optional(),
  submitted_before: z.iso.datetime({ offset: true }).optional(),
  sort_by: z.enum(['submitted_at', 'status', 'model_code']).default('submitted_at'),
  sort_order: z.enum(['asc', 'desc']).default('desc'),
});

/** SLNG's batch API. */
export function slngEndpoints(world: World, jobs: SlngJobs): Endpoint[] {
  const root = `${providerPrefixes.slng}/v1/batch/jobs`;
  const create = new SlngCreate(world, jobs);
  const ofJob = { jobParameter: 'jobId', path: `${root}/:jobId` };
  const named = (call: Call) => jobs.get(call.parameter('jobId'));
  return [
    {
      method: 'POST',
      path: root,
      operation: 'slng.create',
      identify: (call) => create.identify(call),
      handle: (call) => create.handle(call),
    },
    { method: 'GET', path: root, operation: 'slng.list', handle: (call) => list(jobs, call) },
    {
      ...ofJob,
      method: 'GET',
      operation: 'slng.status',
      handle: (call) => ({ status: 200, body: jobs.document(named(call), true) }),
    },
    {
      ...ofJob,
      method: 'GET',
      path: `${ofJob.path}/files`,
      operation: 'slng.files',
      handle: (call) => ({ status: 200, body: jobs.files(call.origin, named(call)) }),
    },
    {
      ...ofJob,
      method: 'DELETE',
      operation: 'slng.delete',
      handle: (call) => {
        const job = named(call);
        jobs.delete(job);
        return { status: 202, body: { job_id: job.id, status: 'DELETED' } };
      },
    },
  ];
}

function list(jobs: SlngJobs, call: Call): Answer {
  const query = call.query(listQuery);
  const after = query.submitted_after === undefined ? 0 : Date.parse(query.submitted_after);
  const before = query.submitted_before === undefined ? Number.POSITIVE_INFINITY : Date.parse(query.submitted_before);
  const found = jobs
    .all()
    .filter(({ submittedAt }) => submittedAt >= after && submittedAt <= before)
    .map((job) => jobs.document(job, false))
    .filter((item) => query.status === undefined || query.status.includes(String(item['status'])))
    .filter((item) => query.model_code === undefined || item['model_code'] === query.model_code)
    .sort((a, b) => String(a[query.sort_by]).localeCompare(String(b[query.sort_by])));
  if (query.sort_order === 'desc') found.reverse();
  const { page, page_size } = query;
  const items = found
    .slice((page - 1) * page_size, page * page_size)
    .map(({ job_id, status, model_code, submitted_at }) => ({ job_id, status, model_code, submitted_at }));
  const meta = { page, page_size, total: found.length, pages: Math.ceil(found.length / page_size) };
  return { status: 200, body: { items, meta } };
}
