import { DefaultLogger, makeTelemetryFilterString, Runtime, Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, inject, it } from 'vitest';
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

// Of each path the latest recording: the order of the steps is what the code of today asks in.
const latest = new Map([...recordedHistories].sort().map((name) => [name.split('.')[0], name]));
const swaps = [...latest.values()].flatMap((name) =>
  swapNeighbours(readHistory(name)).map((swap) => ({ name, ...swap })),
);
const swappable = [...new Set(swaps.map(({ name }) => name))];

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

  // All by one worker: to make one takes longer than a replay.
  describe('in one go', () => {
    let errors: (Error | undefined)[];
    beforeAll(async () => {
      errors = await replay([...recordedHistories.map(readHistory), ...swaps.map(({ history }) => history)]);
    });

    it('are replayed as many as there are', () => {
      expect(errors).toHaveLength(recordedHistories.length + swaps.length);
    });

    it.each(recordedHistories)('replay %s', (name) => {
      expect(errors[recordedHistories.indexOf(name)]).toBeUndefined();
    });

    it.each(swappable)('do not replay %s with any two neighbouring steps in the other order', (name) => {
      const ofSwaps = errors.slice(recordedHistories.length);
      const replayed = swaps.filter((swap, index) => swap.name === name && !/TMPRL1100/.test(String(ofSwaps[index])));
      expect(replayed.map(({ swapped }) => swapped)).toEqual([]);
    });
  });

  it('have such a history for each lifecycle and for the pipeline', () => {
    const types = new Set(swappable.map((name) => workflowOf(readHistory(name)).type));
    expect([...types]).toEqual(
      expect.arrayContaining([...Object.values(lifecycleWorkflowTypes), pipelineWorkflowType]),
    );
  });
});
