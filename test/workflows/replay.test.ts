import { readdirSync, readFileSync } from 'node:fs';
import { Worker } from '@temporalio/worker';
import { describe, expect, inject, it } from 'vitest';

const folder = new URL('../histories/', import.meta.url);
const histories = readdirSync(folder).filter((file) => file.endsWith('.json'));

interface RecordedHistory {
  events: { workflowExecutionStartedEventAttributes?: { workflowId?: string } }[];
}

describe('the workflows of today', () => {
  const read = (file: string) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as RecordedHistory;
  // Ids of children are made from the parent's, so the replay must go by the recorded one.
  const replay = (history: RecordedHistory) =>
    Worker.runReplayHistory(
      { workflowBundle: { codePath: inject('workflowBundlePath') } },
      history,
      history.events[0]?.workflowExecutionStartedEventAttributes?.workflowId,
    );

  it('have histories of every path to replay', () => {
    expect(histories.length).toBeGreaterThanOrEqual(20);
  });

  it.each(histories)('replay %s', async (file) => {
    await expect(replay(read(file))).resolves.toBeUndefined();
  });

  it('do not replay a history whose steps come in another order', async () => {
    const text = JSON.stringify(read('tiro-done.json')).replaceAll('completeTiroUpload', 'collectTiroResults');
    await expect(replay(JSON.parse(text) as RecordedHistory)).rejects.toThrow(/TMPRL1100|[Nn]ondeterminism/);
  });
});
