import { readdirSync, readFileSync } from 'node:fs';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { describe, expect, it } from 'vitest';
import { findResetPoint } from '../../../src/client/resume/reset-point.ts';

const folder = new URL('../../histories/', import.meta.url);

/** The committed histories, of older code too, of jobs that ended badly. */
const ended = readdirSync(folder)
  .filter((name) => name.endsWith('.json') && !/^(pipeline|ingest)/.test(name))
  .map((name) => {
    const { events = [] } = historyFromJSON(JSON.parse(readFileSync(new URL(name, folder), 'utf8')));
    const { workflowExecutionFailedEventAttributes: failed, workflowExecutionCanceledEventAttributes: cancelled } =
      events?.at(-1) ?? {};
    return {
      name,
      events: events ?? [],
      type: failed?.failure?.applicationFailureInfo?.type ?? null,
      failed,
      cancelled,
    };
  })
  .filter(({ failed, cancelled }) => failed != null || cancelled != null);

describe('the point at which a job goes on', () => {
  it.each(ended)('is a decision of $name, before what ended it', ({ events, type }) => {
    const point = findResetPoint(events, type);
    const id = Number(point?.eventId);
    const at = events.find(({ eventId }) => Number(eventId) === id);
    const before = events.find(({ eventId }) => Number(eventId) === id - 1);
    const isDecision = at?.workflowTaskCompletedEventAttributes != null;
    expect(isDecision || before?.workflowTaskScheduledEventAttributes != null).toBe(true);
    const cancel = events.find((event) => event.workflowExecutionCancelRequestedEventAttributes != null);
    expect(id).toBeLessThanOrEqual(Number(cancel?.eventId ?? Infinity));
  });

  it('has histories to look at', () => {
    expect(ended.length).toBeGreaterThan(10);
  });
});
