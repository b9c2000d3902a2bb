import { z } from 'zod';
import { providerNames } from '../providers/registry.ts';

const providersOwn = new RegExp(`-(${providerNames.join('|')})(-transfer|-collect)?$`);

/** The stem of all task queues, which must not look like a provider's queue of another stem. */
export const taskQueueStem = z
  .string()
  .regex(
    /^[A-Za-z0-9][\w.-]{0,99}$/,
    'expected a name of at most 100 letters, digits, dots, - and _, for instance provider-jobs-staging',
  )
  .refine((stem) => !providersOwn.test(stem), {
    error: `expected a name that does not end like a provider's queue: -${providerNames.join(', -')}, nor with -transfer or -collect after it`,
  });
