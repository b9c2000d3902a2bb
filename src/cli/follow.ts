import type { WatchOptions } from '../client/watch.ts';
import type { ProgressLine } from './describe-snapshot.ts';
import type { Terminal } from './terminal.ts';

/** What can be followed to its end: a job's handle or a pipeline's. */
export interface Followed<S, R> {
  workflowId: string;
  watch(options?: WatchOptions): AsyncIterable<S>;
  result(): Promise<R>;
}

/** How something was left: at its end, or before, with the last that was seen of it. */
export type FollowEnd<S, R> = { ended: true; result: R } | { ended: false; last: S | null };

const redrawEveryMs = 500;

/** Shows progress lines: drawn over on a terminal, elsewhere each line when it has news. */
class ProgressView {
  readonly #terminal: Terminal;
  #printed: string[] = [];
  #lines: () => ProgressLine[] = () => [];
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    if (terminal.isLive)
      this.#timer = setInterval(() => {
        this.#draw();
      }, redrawEveryMs);
  }

  /** Takes new lines; a function, since the time to the next check runs on between two snapshots. */
  update(lines: () => ProgressLine[]): void {
    this.#lines = lines;
    if (this.#terminal.isLive) this.#draw();
    else this.#print();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#terminal.keep();
  }

  #draw(): void {
    const text = this.#lines().map(({ news, details }) => (details === '' ? news : `${news} ${details}`));
    if (text.length > 0) this.#terminal.show(text.join('\n'));
  }

  #print(): void {
    const lines = this.#lines();
    lines.forEach(({ news, details }, index) => {
      if (this.#printed[index] !== news) this.#terminal.say(details === '' ? news : `${news} · ${details}`);
    });
    this.#printed = lines.map(({ news }) => news);
  }
}

/** Shows the progress of a workflow until it has ended, or until the signal. */
export async function follow<S, R>(
  handle: Followed<S, R>,
  describe: (snapshot: S) => ProgressLine[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<FollowEnd<S, R>> {
  const view = new ProgressView(terminal);
  let last: S | null = null;
  try {
    for await (const snapshot of handle.watch({ signal })) {
      last = snapshot;
      view.update(() => describe(snapshot));
    }
  } finally {
    view.close();
  }
  return signal.aborted ? { ended: false, last } : { ended: true, result: await handle.result() };
}

/** As `follow`, until Ctrl-C, which leaves the workflow running and says how to go on. */
export async function followUntilDetached<S, R>(
  handle: Followed<S, R>,
  describe: (snapshot: S) => ProgressLine[],
  terminal: Terminal,
): Promise<FollowEnd<S, R>> {
  const detached = new AbortController();
  const detach = () => {
    detached.abort();
  };
  process.once('SIGINT', detach);
  try {
    const end = await follow(handle, describe, terminal, detached.signal);
    if (end.ended) return end;
    terminal.say(`\nDetached: ${handle.workflowId} goes on.`);
    sayHowToGoOn(handle.workflowId, terminal);
    return end;
  } finally {
    process.off('SIGINT', detach);
  }
}

/** Prints how to look at a workflow again, and how to cancel it. */
export function sayHowToGoOn(workflowId: string, { say }: Terminal): void {
  const id = /^[\w./~%@-]+$/.test(workflowId) ? workflowId : `'${workflowId}'`;
  say(`  look at it:  provider-jobs status ${id}`);
  say(`  cancel it:   provider-jobs cancel ${id}`);
}
