import { describe, expect, it } from 'vitest';
import { executionTimeoutMs, readDeadlineMs } from '../../src/contract/deadlines.ts';
import { parseDurationMs } from '../../src/polling/duration.ts';
import { seededRandom } from '../setup/seeded-random.ts';

const hourMs = 3_600_000;

describe('readDeadlineMs', () => {
  const numbers = ['0', '1', '90', '1.5', '.5', '-3', '1e3', '007', '', 'NaN', 'Infinity', '1 000'];
  const spaces = ['', ' ', '  ', '\t'];
  const units = [
    '',
    'ms',
    's',
    'sec',
    'seconds',
    'm',
    'min',
    'mins',
    'h',
    'hours',
    'H',
    'd',
    'days',
    'w',
    'y',
    'weeks',
    'x',
  ];

  it('reads every duration as the rest of the program does', () => {
    const texts = numbers.flatMap((number) =>
      spaces.flatMap((space) => units.map((unit) => `${number}${space}${unit}`)),
    );
    expect(texts.map(readDeadlineMs)).toEqual(texts.map(parseDurationMs));
  });

  it('reads any text as the rest of the program does', () => {
    const random = seededRandom(7);
    const letters = '0123456789.-+ mshdwyeiourcnt\u00a0';
    for (let count = 0; count < 5000; count += 1) {
      const length = Math.floor(random() * 12);
      const text = Array.from({ length }, () => letters[Math.floor(random() * letters.length)] ?? '').join('');
      expect([text, readDeadlineMs(text)]).toEqual([text, parseDurationMs(text)]);
    }
    const long = '1'.repeat(101);
    expect(readDeadlineMs(long)).toEqual(parseDurationMs(long));
  });

  it.each([600_000, 1, 0, -1, NaN, Infinity])('reads the number %d as the rest of the program does', (value) => {
    expect(readDeadlineMs(value)).toEqual(parseDurationMs(value));
  });

  it.each([undefined, null, {}, [], true])('takes %o for no deadline', (value) => {
    expect(readDeadlineMs(value)).toBeNull();
  });
});

describe('executionTimeoutMs', () => {
  it('leaves a job the time to store results after its deadline, and where that is a default the way of the media too', () => {
    expect(executionTimeoutMs(hourMs, false)).toBe(25.25 * hourMs);
    expect(executionTimeoutMs(hourMs, true)).toBe((25.25 + 31 * 24) * hourMs);
  });
});
