import { afterAll, beforeAll, describe, inject, it } from 'vitest';
import { type FaultWorld, startFaultWorld } from './fault-world.ts';
import { cellsToRun } from './matrix.ts';
import { deadlineOf, runCell } from './run-cell.ts';
import type { Course } from './stage.ts';

declare module 'vitest' {
  interface ProvidedContext {
    wholeFaultMatrix: boolean;
  }
}

// The last look of a wait is made at the deadline, and what was found is collected and told after it.
const afterDeadlineMs = 20_000;

/** The tests of one lifecycle's cells: a slice of them, or all with `npm run test:faults`. */
export function describeCourse(course: Course): void {
  describe.concurrent(`${course.workflowType} under faults`, () => {
    let faults: FaultWorld;
    beforeAll(async () => {
      faults = await startFaultWorld(course);
    });
    afterAll(() => faults.close());

    // Not a table of the runner's: it would cut the titles short.
    for (const cell of cellsToRun(course, inject('wholeFaultMatrix'))) {
      it(cell.title, async ({ expect }) => {
        const { end: usual, or, orphans = 0, orFewer = false } = cell.expected;
        const found = await runCell(faults, course, cell);
        const { hashes, contents, strays, elapsedMs, jobs, ...told } = found;
        const end = told.end === or ? or : usual;
        expect(told).toEqual({ end, notices: [end] });
        expect(jobs).toBeLessThanOrEqual(course.jobs + orphans);
        if (end !== or && !orFewer)
          expect(jobs).toBe((end === 'succeeded' ? course.jobs : cell.stage.jobsBefore) + orphans);
        expect(hashes.stored).toEqual(hashes.said);
        expect(strays.foreign).toEqual([]);
        if (cell.expected.asItCame !== true) {
          expect(strays.nameless).toEqual([]);
          expect(contents.stored).toMatchObject(contents.served);
        }
        expect(elapsedMs).toBeLessThan(deadlineOf(cell) + afterDeadlineMs);
      });
    }
  });
}
