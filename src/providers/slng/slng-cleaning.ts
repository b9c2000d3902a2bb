import { z } from 'zod';
import { isTerminal } from '../../snapshot.ts';
import { type Cleaning } from '../cleaning.ts';
import { isAbsent, isProviderError } from '../connection/provider-error.ts';
import { number, optional } from '../lenient.ts';
import { batchJob } from './batch-job.ts';
import { deleteSlngJob } from './slng-calls.ts';

const sizeSchema = z.object({ input_metadata: optional(z.object({ size_bytes: optional(number) })) });

/** SLNG: a job's id is ours and found again, so that nothing is left behind; a job that is done can be deleted. */
export const slngCleaning = {
  async stored(connection, { jobId }, signal) {
    const call = { operation: 'read the SLNG job', method: 'GET', path: batchJob.path(jobId), signal } as const;
    const schema = {
      parse: (body: unknown) => ({ ...batchJob.read(body), ...sizeSchema.parse(body).input_metadata }),
    };
    try {
      const { phase, timestamps, size_bytes: sizeBytes = null } = (await connection.call(call, schema)).data;
      if (phase === 'deleted' || phase === 'expired') return 'gone';
      if (!isTerminal(phase)) return 'used';
      return {
        sizeBytes,
        createdAt: timestamps.createdAt ?? null,
        async remove() {
          try {
            await deleteSlngJob(connection, jobId, signal);
          } catch (error) {
            if (isProviderError(error, 'conflict')) return 'in-use';
            if (!isAbsent(error)) throw error;
          }
          return 'removed';
        },
      };
    } catch (error) {
      if (isAbsent(error)) return 'gone';
      throw error;
    }
  },
} as const satisfies Cleaning;
