import { isatty } from 'node:tty';
import { createLogUpdate } from 'log-update';
import pc from 'picocolors';

/** Where a command writes: people's words, live progress, and one JSON object. */
export interface Terminal {
  /** Colours for the stream that people read; plain where it is no terminal or NO_COLOR is set. */
  colors: ReturnType<typeof pc.createColors>;
  /** Whether lines can be drawn over. */
  isLive: boolean;
  /** A line for people: standard output, or standard error where the result is JSON. */
  say: (line: string) => void;
  /** A line that must not be missed: standard error. */
  warn: (line: string) => void;
  /** Lines in place of those that were shown before; only on a terminal. */
  show: (lines: string) => void;
  /** Keeps what `show` drew last and goes on below it. */
  keep: () => void;
  /** The result of the command, as the last line of standard output; nothing without `--json`. */
  result: (value: unknown) => void;
}

/** The terminal of one command; with `json` standard output holds nothing but JSON. */
export function createTerminal({ json = false }: { json?: boolean | undefined } = {}): Terminal {
  const stream = json ? process.stderr : process.stdout;
  // A terminal without a width, as in some consoles, cannot be drawn over.
  const isLive = isatty(stream.fd) && stream.columns > 0;
  const update = isLive ? createLogUpdate(stream) : null;
  let shown = false;
  const keep = () => {
    if (shown) update?.done();
    shown = false;
  };
  return {
    colors: pc.createColors(isLive && pc.isColorSupported),
    isLive,
    say: (line) => {
      keep();
      stream.write(`${line}\n`);
    },
    warn: (line) => {
      keep();
      process.stderr.write(`${line}\n`);
    },
    show: (lines) => {
      shown = true;
      update?.(lines);
    },
    keep,
    result: (value) => {
      keep();
      if (json) process.stdout.write(`${JSON.stringify(value)}\n`);
    },
  };
}
