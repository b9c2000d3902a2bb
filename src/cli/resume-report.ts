import type { AgainStep } from '../client/resume/again.ts';
import type { ResumePlan } from '../client/resume/plan.ts';
import type { ResumedJob } from '../client/resume/resume-job.ts';
import type { Terminal } from './terminal.ts';

const words = {
  resumed: 'resumed',
  resumable: 'would go on',
  restarted: 'started anew',
  restartable: 'would be started anew',
  running: 'runs already',
  refused: 'refused',
} as const satisfies Record<ResumedJob['outcome'], string>;

const or = (list: readonly string[]) => list.join(', ') || 'nothing';

/** What a plan comes to, in one line. */
function describePlan({ endedAs, from, makes, again }: ResumePlan): string {
  const next = from === null ? 'with an answer that had come already' : `at ${from}`;
  const twice = again.length === 0 ? '' : `; may be there already: ${or(again)}`;
  return `after ${endedAs}, ${next}; makes ${or(makes)}${twice}`;
}

/** What resuming one job came to, for people. */
export function sayResumed({ workflowId, outcome, why, plan }: ResumedJob, { say, warn, colors }: Terminal): void {
  const paint = outcome === 'refused' ? colors.yellow : colors.green;
  const told = [why, plan === null ? null : describePlan(plan)].filter((part) => part !== null).join('; ');
  say(`${paint(words[outcome])}  ${workflowId}${told === '' ? '' : `  ${colors.dim(told)}`}`);
  for (const warning of plan?.warnings ?? []) warn(`  ${colors.yellow(warning)}`);
}

/** What resuming several jobs came to. */
export function sayResumedSum(resumed: readonly ResumedJob[], { say }: Terminal): void {
  if (resumed.length === 0) {
    say('None.');
    return;
  }
  const outcomes = Object.keys(words) as ResumedJob['outcome'][];
  const counts = outcomes.map((outcome) => ({
    outcome,
    count: resumed.filter((each) => each.outcome === outcome).length,
  }));
  const told = counts
    .filter(({ count }) => count > 0)
    .map(({ outcome, count }) => `${String(count)} ${words[outcome]}`);
  if (resumed.length > 1) say(`\n${told.join(', ')}.`);
}

const doings = {
  take: 'succeeded: its result is taken',
  join: 'runs: it is joined',
  resume: 'goes on',
  restart: 'is started anew',
  start: 'is started',
  keep: 'stays as it is',
} as const satisfies Record<AgainStep['does'], string>;

/** What becomes of the steps of a pipeline that is run again, for people. */
export function sayAgainSteps(steps: readonly AgainStep[], { say, colors }: Terminal): void {
  for (const { step, does, why, plan } of steps) {
    const told = [why, plan === null ? null : describePlan(plan)].filter((part) => part !== null).join('; ');
    say(`  ${colors.bold(step)}  ${doings[does]}${told === '' ? '' : `  ${colors.dim(told)}`}`);
  }
}
