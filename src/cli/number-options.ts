import { InvalidArgumentError } from 'commander';

/** Reads a positive number of the command line. */
export function numberOption(written: string): number {
  const value = Number(written);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('Expected a number above 0.');
  return value;
}

/** Reads a whole number above 0 of the command line. */
export function countOption(written: string): number {
  if (!/^[1-9]\d{0,8}$/.test(written)) throw new InvalidArgumentError('Expected a whole number above 0.');
  return Number(written);
}

/** Reads a port of the command line; 0 is any free one. */
export function portOption(written: string): number {
  if (!/^\d{1,5}$/.test(written) || Number(written) > 65_535) {
    throw new InvalidArgumentError('Expected a port number from 0 (any free one) to 65535.');
  }
  return Number(written);
}

/** Reads a priority of the command line. */
export function priorityOption(written: string): number {
  if (!/^[1-5]$/.test(written)) throw new InvalidArgumentError('Expected 1, which goes first, to 5.');
  return Number(written);
}
