import { type Expected, type FaultRow } from './fault-row.ts';
import { faultRows } from './fault-rows.ts';
import type { Course, Stage } from './stage.ts';

/** One fault at one stage of a lifecycle. */
export interface Cell {
  title: string;
  row: FaultRow;
  stage: Stage;
  expected: Expected;
}

/** A cell that is run. */
export type RunCell = Cell & { expected: Exclude<Expected, { cannot: string }> };

/** Every cell of a lifecycle, by fault and then by stage. */
export function cellsOf({ stages }: Course): Cell[] {
  return faultRows.flatMap((row) =>
    stages.map((stage) => ({
      title: `${row.title} at ${stage.title}`,
      row,
      stage,
      expected: stage.own?.[row.id] ?? (stage.storage === true ? row.storage : row.api),
    })),
  );
}

/**
 * The cells to run: all, or a slice with every fault once, that visits the stages in turn so that each has its share.
 */
export function cellsToRun(course: Course, whole: boolean): RunCell[] {
  const possible = cellsOf(course).filter((cell): cell is RunCell => !('cannot' in cell.expected));
  if (whole) return possible;
  return faultRows.flatMap((row, index) => {
    const ofRow = possible.filter((cell) => cell.row === row);
    const cell = ofRow[index % Math.max(1, ofRow.length)];
    return cell === undefined ? [] : [cell];
  });
}
