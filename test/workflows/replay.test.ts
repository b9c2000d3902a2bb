import { DefaultLogger, makeTelemetryFilterString, Runtime, Worker } from '@temporalio/worker';
import { describe, expect, inject, it } from 'vitest';
import { lifecycleWorkflowTypes, pipelineWorkflowType } from '../../src/contract/workflow-types.ts';
import { lifecyclePaths } from '../histories/lifecycle-paths.ts';
import { otherPaths } from '../histories/other-paths.ts';
import { nameOfHistory } from '../histories/recording.ts';
import {
  readHistory,
  type RecordedHistory,
  recordedHistories,
  swapNeighbours,
  workflowOf,
} from '../histories/recorded-history.ts';

// A history that is refused is a warning each time.
Runtime.install({
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR' }) } },
});

const swappable = recordedHistories.filter((name) => swapNeighbours(readHistory(name)).length > 0);

/** Replays histories on today's code; gives the error of each, `undefined` where it went through. */
async function replay(histories: readonly RecordedHistory[]): Promise<(Error | undefined)[]> {
  // Ids of children are made from the parent's, so the replay must go by the recorded one.
  const named = histories.map((history) => ({ history, workflowId: workflowOf(history).workflowId }));
  const code = { workflowBundle: { codePath: inject('workflowBundlePath') } };
  const errors: (Error | undefined)[] = [];
  for await (const { error } of Worker.runReplayHistories(code, named)) errors.push(error);
  return errors;
}

describe('the workflows of today', () => {
  it('have a history of every path to replay', () => {
    const paths = [...Object.keys(lifecyclePaths), ...Object.keys(otherPaths)];
    expect(recordedHistories).toEqual(expect.arrayContaining(paths.map(nameOfHistory)));
  });

  it.each(recordedHistories)('replay %s', async (name) => {
    expect(await replay([readHistory(name)])).toEqual([undefined]);
  });

  it.each(swappable)('do not replay %s with any two neighbouring steps in the other order', async (name) => {
    const swaps = swapNeighbours(readHistory(name));
    const errors = await replay(swaps.map(({ history }) => history));
    const missed = swaps.filter((_, index) => !/TMPRL1100/.test(String(errors[index]))).map(({ swapped }) => swapped);
    expect({ replayed: errors.length, missed }).toEqual({ replayed: swaps.length, missed: [] });
  });

  it('have such a history for each lifecycle and for the pipeline', () => {
    const types = new Set(swappable.map((name) => workflowOf(readHistory(name)).type));
    expect([...types]).toEqual(
      expect.arrayContaining([...Object.values(lifecycleWorkflowTypes), pipelineWorkflowType]),
    );
  });
});
