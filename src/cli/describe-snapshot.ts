import type { LiveSnapshot } from '../client/live-snapshot.ts';
import type { PipelineSnapshot } from '../client/pipeline-handle.ts';
import { formatDuration } from '../polling/duration.ts';
import type { Phase } from '../snapshot.ts';
import type { Terminal } from './terminal.ts';

/** One line of progress, in two parts. */
export interface ProgressLine {
  /** What is news when it changes. */
  news: string;
  /** What changes all the time: calls made and the time to the next one. */
  details: string;
}

const longestText = 140;

type Colors = Terminal['colors'];

/** A phase in its colour. */
export function paintPhase(phase: Phase | null, colors: Colors): string {
  if (phase === null) return colors.dim('phase unknown');
  if (phase === 'succeeded') return colors.green(phase);
  if (phase === 'partially-succeeded') return colors.yellow(phase);
  return ['failed', 'expired', 'deleted'].includes(phase) ? colors.red(phase) : colors.cyan(phase);
}

function describeNextLook(nextLookAt: string | null): string | null {
  if (nextLookAt === null) return null;
  const dueInMs = Date.parse(nextLookAt) - Date.now();
  return dueInMs < 500 ? 'asking now' : `next check in ${formatDuration(dueInMs)}`;
}

// A provider's words may be a whole page; the end of the job tells them in full.
function clip(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText)}…` : text;
}

/** A job's live snapshot as a line of progress. */
export function describeJob(snapshot: LiveSnapshot, colors: Colors): ProgressLine {
  const { phase, status, progress, stage, lastError, statusCalls, workflowStatus } = snapshot;
  const isRunning = workflowStatus === 'RUNNING';
  const words = [
    phase === null && isRunning ? (stage === null ? 'no phase yet' : null) : paintPhase(phase, colors),
    status === null ? null : snapshot.recognised === false ? `${status} (a status that nobody knows)` : status,
    progress === null ? null : `${String(progress.done)} of ${String(progress.total)} ${progress.unit}`,
    isRunning && stage !== null ? clip(stage) : null,
    isRunning || workflowStatus === 'COMPLETED' ? null : workflowStatus.toLowerCase().replaceAll('_', ' '),
    snapshot.isLate && isRunning ? colors.yellow('longer than 99.9 % of its kind') : null,
    lastError === null ? null : colors.yellow(clip(lastError)),
  ];
  const details = [
    `${String(statusCalls)} status ${statusCalls === 1 ? 'call' : 'calls'}`,
    isRunning ? describeNextLook(snapshot.nextLookAt) : null,
    isRunning && snapshot.source === 'temporal' ? 'no workflow worker answers' : null,
  ];
  const join = (parts: (string | null)[]) => parts.filter((part) => part !== null && part !== '').join(' · ');
  return { news: join(words), details: colors.dim(join(details)) };
}

/** A pipeline's live snapshot, a line for each job. */
export function describePipeline({ jobs }: PipelineSnapshot, colors: Colors): ProgressLine[] {
  const width = Math.max(...jobs.map(({ step }) => step.length));
  return jobs.map(({ step, snapshot }) => {
    const name = colors.bold(step.padEnd(width));
    if (snapshot === null) return { news: `${name}  ${colors.dim('not started')}`, details: '' };
    const { news, details } = describeJob(snapshot, colors);
    return { news: `${name}  ${news}`, details };
  });
}
