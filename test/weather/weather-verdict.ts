import type { LifecycleProvider } from '../../src/providers/lifecycle-inputs.ts';
import type { Media, SimulatedJob, Simulator } from '../../src/simulator/index.ts';
import { findStrays } from '../setup/own-results.ts';
import type { WeatherJob } from './weather-jobs.ts';

/** What became of the jobs of one provider. */
export interface WeatherVerdict {
  jobs: number;
  succeeded: number;
  /** Whose artifacts, and the media at the provider, are of their own source. */
  own: number;
  /** Works that the provider did: one for each job. */
  works: number;
  /** Media that the provider holds beyond one for each job, whole or in part. */
  twice: number;
  /** Jobs and sessions without media of which nothing was made, and how many answers to a create were lost. */
  idle: number;
  lostAnswers: number;
  /** How many calls the weather struck. */
  struck: number;
  /** What is wrong, in words. */
  faults: string[];
}

const wordsOf = (media: Media) =>
  'url' in media ? media.url : `sha256 ${media.sha256} bytes ${String(media.sizeBytes)}`;

const createOf = { tiro: 'tiro.create', twelvelabs: 'twelvelabs.create-session' } as const;

/** What holds the media of a job at each provider, and what is made of it. */
const shapes = {
  soket: { holder: 'upload', work: 'batch' },
  twelvelabs: { holder: 'multipart-upload', work: 'multipart-upload' },
  tiro: { holder: 'voice-file-job', work: 'voice-file-job' },
  slng: { holder: 'batch-job', work: 'batch-job' },
} as const satisfies Record<LifecycleProvider, Record<'holder' | 'work', SimulatedJob['resource']>>;

/** Everything that a provider holds: whole media by their words, and uploads that were begun and not ended. */
function holdings(simulator: Simulator, provider: LifecycleProvider): { media: string[]; partial: number } {
  if (provider === 'slng') return { media: simulator.objects(provider).map(wordsOf), partial: 0 };
  const jobs = simulator.jobs(provider);
  const begun = new Set(provider === 'twelvelabs' ? simulator.objects(provider).map(({ jobId }) => jobId) : []);
  return {
    media: jobs.flatMap(({ media }) => media.map(wordsOf)),
    partial: jobs.filter(({ id, orphan }) => orphan && begun.has(id)).length,
  };
}

/** What is wrong with a job that has ended; `null` for one that succeeded with all that is its own. */
export async function faultOf(simulator: Simulator, job: WeatherJob): Promise<string | null> {
  const end = await job.end;
  if (typeof end === 'string') return end;
  if (end.phase !== 'succeeded') return `${end.phase}: ${end.message ?? ''}`;
  if (end.missing.length > 0) return `not collected: ${end.missing.map(({ name }) => name).join(', ')}`;
  const { foreign, nameless } = await findStrays(end.artifacts, [job.media]);
  if (foreign.length > 0) return `results of another source: ${foreign.join(', ')}`;
  if (nameless.length > 0 || end.artifacts.length === 0) return `results of no source: ${nameless.join(', ')}`;
  const { ids, jobId } = end;
  const holderId = { soket: ids['batch_upload_id'], twelvelabs: ids['upload_id'], tiro: jobId, slng: jobId }[
    job.provider
  ];
  const holder = simulator.jobs(job.provider).find(({ id }) => id === holderId);
  if (!holder?.media.map(wordsOf).includes(job.media)) return 'the provider does not hold its media';
  return null;
}

/** Compares what Temporal says of the jobs of one provider with what the simulator holds. */
export async function judge(
  simulator: Simulator,
  provider: LifecycleProvider,
  all: WeatherJob[],
): Promise<WeatherVerdict> {
  const jobs = all.filter((job) => job.provider === provider);
  const faults: string[] = [];
  let succeeded = 0;
  for (const job of jobs) {
    const end = await job.end;
    if (typeof end !== 'string' && end.phase === 'succeeded') succeeded += 1;
    const fault = await faultOf(simulator, job);
    if (fault !== null) faults.push(`${job.handle.workflowId}: ${fault}`);
  }
  const own = jobs.length - faults.length;
  const { media, partial } = holdings(simulator, provider);
  const count = (words: string, among: string[]) => among.filter((one) => one === words).length;
  const wanted = jobs.map((job) => job.media);
  let twice = partial;
  for (const words of new Set([...media, ...wanted])) {
    const more = count(words, media) - count(words, wanted);
    twice += Math.max(0, more);
    if (more < 0) faults.push(`${String(-more)} jobs have no media of their own: ${words}`);
  }
  const { weather } = simulator.counters();
  const { holder, work } = shapes[provider];
  const known = simulator.jobs(provider);
  return {
    ...{ jobs: jobs.length, succeeded, own, twice, faults },
    works: known.filter(({ resource, orphan }) => resource === work && !orphan).length,
    idle: known.filter(({ resource, orphan }) => resource === holder && orphan).length,
    lostAnswers: provider in createOf ? (weather[createOf[provider as keyof typeof createOf]]?.['cut-after'] ?? 0) : 0,
    struck: Object.entries(weather)
      .filter(([operation]) => operation.startsWith(`${provider}.`))
      .flatMap(([, drawn]) => Object.values(drawn))
      .reduce((sum, times) => sum + times, 0),
  };
}
