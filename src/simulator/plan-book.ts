import type { Clock } from './clock.ts';
import type { SimulatedProvider } from './operations.ts';
import { planSchemas } from './plans.ts';
import type { Plans } from './plans.ts';
import type { ScriptStep } from './script.ts';

type AnyPlan = Plans[SimulatedProvider];

/** A look at a scripted status. */
interface Look {
  script: ScriptStep[] | undefined;
  /** Names the resource whose script it is. */
  resourceId: string;
  /** When the resource was created, in milliseconds since the epoch. */
  since: number;
  /** Whether this look is an answer, which uses up a step's polls. */
  poll: boolean;
}

/** The plans set so far, which job has which, and how far each job's script has run. */
export class PlanBook {
  readonly #clock: Clock;
  readonly #next: { provider: SimulatedProvider; plan: AnyPlan; jobsLeft: number }[] = [];
  readonly #byJob = new Map<string, AnyPlan>();
  readonly #ancestors = new Map<string, string>();
  readonly #progress = new Map<string, { script: ScriptStep[]; step: number; polls: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Sets a plan; throws a ZodError where its shape is wrong. */
  set<P extends SimulatedProvider>(provider: P, input: Plans[P]): void {
    const plan = planSchemas[provider].parse(input);
    if (plan.jobId !== undefined) this.#byJob.set(`${provider}/${plan.jobId}`, plan);
    else
      this.#next.push({ provider, plan, jobsLeft: plan.jobs === null ? Number.POSITIVE_INFINITY : (plan.jobs ?? 1) });
  }

  /** Gives a new job the next plan in line, unless one was set for its id. */
  assign(provider: SimulatedProvider, jobId: string): void {
    if (this.#byJob.has(`${provider}/${jobId}`)) return;
    const waiting = this.#next.find((next) => next.provider === provider && next.jobsLeft > 0);
    if (!waiting) return;
    waiting.jobsLeft -= 1;
    this.#byJob.set(`${provider}/${jobId}`, waiting.plan);
  }

  /** Makes a resource follow the plan of the one that it came from; says whether that one has a plan. */
  inherit(provider: SimulatedProvider, jobId: string, ancestorId: string): boolean {
    this.#ancestors.set(`${provider}/${jobId}`, `${provider}/${ancestorId}`);
    return this.#byJob.has(`${provider}/${ancestorId}`);
  }

  /** The plan of a job; empty where it has none. */
  of<P extends SimulatedProvider>(provider: P, jobId: string): Plans[P] {
    const key = `${provider}/${jobId}`;
    return this.#byJob.get(key) ?? this.#byJob.get(this.#ancestors.get(key) ?? '') ?? {};
  }

  /** The step of a script that is in force. */
  step({ script, resourceId, since, poll }: Look): ScriptStep | undefined {
    if (!script) return undefined;
    let progress = this.#progress.get(resourceId);
    if (progress?.script !== script) {
      progress = { script, step: 0, polls: 0 };
      this.#progress.set(resourceId, progress);
    }
    for (; progress.step < script.length; progress.step += 1, progress.polls = 0) {
      const step = script[progress.step];
      const pollsOver = step?.polls !== undefined && progress.polls >= step.polls;
      const timeOver = step?.untilMs !== undefined && this.#clock.now() >= this.#clock.after(since, step.untilMs);
      if (pollsOver || timeOver) continue;
      if (poll) progress.polls += 1;
      return step;
    }
    return undefined;
  }
}
