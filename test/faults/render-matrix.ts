import { courses } from './courses.ts';
import type { Expected } from './fault-row.ts';
import { faultRows } from './fault-rows.ts';
import { cellsOf } from './matrix.ts';
import type { Course } from './stage.ts';

const asItCame = 'what was struck is a result, and it is stored byte for byte';
const outlasted = 'the fault outlasts the deadline; results are tried for a day, and are stored as soon as it is gone';
const notice = 'a signal within Temporal, no request; every test finds it at a listener, once, with this end';

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** Letters for what does not fit into a cell, in the order of their first use. */
class Notes {
  readonly #texts: string[] = [];

  mark(text: string): string {
    if (!this.#texts.includes(text)) this.#texts.push(text);
    return String.fromCharCode(97 + this.#texts.indexOf(text));
  }

  lines(): string[] {
    return this.#texts.map((text) => `(${this.mark(text)}) ${text}.`);
  }
}

function say(expected: Expected, notes: Notes): string {
  if ('cannot' in expected) return `cannot be (${notes.mark(expected.cannot)})`;
  const { end, or, orphans = 0, orFewer = false } = expected;
  const left = orphans === 0 ? '' : `, ${orFewer ? 'at most ' : ''}${String(orphans)} left`;
  const words = expected.asItCame === true ? asItCame : expected.outlasted === true ? outlasted : null;
  const note = words === null ? '' : ` (${notes.mark(words)})`;
  return `${end === 'succeeded' ? 'succeeds' : `\`${end}\``}${or === undefined ? '' : ` or \`${or}\``}${left}${note}`;
}

function renderCourse(name: string, course: Course): string[] {
  const notes = new Notes();
  const cells = cellsOf(course);
  const titles = ['fault', ...course.stages.map(({ title }) => title), 'notify'];
  const rows = faultRows.map((fault) => {
    const ends = cells.filter((cell) => cell.row === fault).map(({ expected }) => say(expected, notes));
    return row([fault.title, ...ends, say({ cannot: notice }, notes)]);
  });
  const test = `[test/faults/${course.provider}.test.ts](../test/faults/${course.provider}.test.ts)`;
  const head = [`### ${name}`, '', `\`${course.workflowType}\`, ${test}`, ''];
  return [...head, row(titles), row(titles.map(() => '---')), ...rows, '', ...notes.lines(), ''];
}

/** The matrix as Markdown, a table for each lifecycle. */
export function renderMatrix(): string {
  return [
    ...renderCourse('Soket', courses.soket),
    ...renderCourse('TwelveLabs', courses.twelvelabs),
    ...renderCourse('Tiro', courses.tiro),
    ...renderCourse('SLNG', courses.slng),
  ].join('\n');
}
