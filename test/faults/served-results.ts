import type { JobOutcome } from '../../src/contract/job.ts';
import type { Simulator, SimulatedProvider } from '../../src/simulator/index.ts';

type Read = (path: string) => Promise<Record<string, unknown>>;

/** Soket knows a file by a name that bears the job's marker; users see their own. */
const withoutMarker = (name: string) => name.replace(/\.[a-z0-9]{16}(?=\.\w+$)/, '');

/** What each provider serves of a job, by the name of the artifact that must hold just this. */
const served: Record<SimulatedProvider, (read: Read, outcome: JobOutcome) => Promise<Record<string, string>>> = {
  tiro: async (read, { jobId }) => ({
    'transcript.json': JSON.stringify(await read(`/v1/external/voice-file/jobs/${jobId}/transcript`)),
  }),
  slng: async (read, { jobId }) => {
    const { outputs } = await read(`/v1/batch/jobs/${jobId}/files`);
    const files: [string, string][] = [];
    for (const { format, download_url: url } of outputs as { format: string; download_url: string }[]) {
      files.push([`transcript.${format}`, await (await fetch(url)).text()]);
    }
    return Object.fromEntries(files);
  },
  soket: async (read, { ids }) => {
    const uploadId = ids['batch_upload_id'] ?? '';
    const { files } = await read(`/files/upload/${uploadId}`);
    const [file] = files as { file_id: string }[];
    const result = await read(`/results/file/${file?.file_id ?? ''}`);
    return { 'talk.wav.json': JSON.stringify({ ...result, filename: withoutMarker(String(result['filename'])) }) };
  },
  twelvelabs: async (read, { jobId }) => ({ 'asset.json': JSON.stringify(await read(`/assets/${jobId}`)) }),
};

/** Asks the simulator itself for the results of a job. */
export function readServedResults(
  simulator: Simulator,
  provider: SimulatedProvider,
  outcome: JobOutcome,
): Promise<Record<string, string>> {
  const key = simulator.keys[provider][0] ?? '';
  const headers = { authorization: `Bearer ${key}`, 'x-api-key': key };
  return served[provider](async (path) => {
    const answer = await fetch(`${simulator.baseUrls[provider]}${path}`, { headers });
    return (await answer.json()) as Record<string, unknown>;
  }, outcome);
}
