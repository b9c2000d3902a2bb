import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { ProviderJobs } from '../../src/client.ts';
import { readConfig } from '../../src/config/config.ts';
import { taskQueueStem } from '../../src/config/task-queue-stem.ts';
import { callsTaskQueue, collectsTaskQueue, transfersTaskQueue } from '../../src/contract/task-queues.ts';
import { providerNames } from '../../src/providers/registry.ts';

const queuesOf = (stem: string) => [
  stem,
  ...[callsTaskQueue, transfersTaskQueue, collectsTaskQueue].flatMap((queueOf) =>
    providerNames.map((name) => queueOf(stem, name)),
  ),
];
const word = fc.constantFrom('provider', 'jobs', 'x', 'transfer', 'collect', ...providerNames);
const stems = fc
  .array(word, { minLength: 1, maxLength: 5 })
  .map((words) => words.join('-'))
  .filter((stem) => taskQueueStem.safeParse(stem).success);

describe('the stem of task queues', () => {
  it('has no queue in common with any other', () => {
    fc.assert(
      fc.property(stems, stems, (one, other) => {
        fc.pre(one !== other);
        expect(queuesOf(one).filter((queue) => queuesOf(other).includes(queue))).toEqual([]);
      }),
    );
  });

  test.each(['provider-jobs', 'a', 'Team_1.blue', 'x-transfer', 'tiro', 'x-tirol', 'a'.repeat(100)])(
    'is %s',
    (stem) => {
      expect(readConfig({ PROVIDER_JOBS_TASK_QUEUE: stem }).taskQueue).toBe(stem);
    },
  );

  const queues = providerNames.flatMap((name) => [`x-${name}`, `x-${name}-transfer`, `x-${name}-collect`]);
  test.each([...queues, '', ' ', 'a b', '-a', '__temporal_a', '/_sys/a', 'a/b', 'a\nb', 'é', 'a'.repeat(101)])(
    'is not %j: workers, clients and schedules are told so',
    (stem) => {
      const refusal = () => readConfig({ PROVIDER_JOBS_TASK_QUEUE: stem });
      expect(refusal).toThrow(/^1 setting is wrong:\n {2}PROVIDER_JOBS_TASK_QUEUE: expected a name/);
      expect(() => new ProviderJobs({} as never, { taskQueue: stem })).toThrow(/^taskQueue: expected a name/);
    },
  );
});
