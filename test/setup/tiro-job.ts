import type { Simulator } from '../../src/simulator/index.ts';
import { makeWav } from './wav.ts';

/** Makes a Tiro job at the simulator as a stranger would: create, upload, complete; gives its id. */
export async function beginTiroJob(simulator: Simulator, seconds = 60): Promise<string> {
  const headers = { authorization: `Bearer ${simulator.keys.tiro[0] ?? ''}`, 'content-type': 'application/json' };
  const jobs = `${simulator.baseUrls.tiro}/v1/external/voice-file/jobs`;
  const created = await fetch(jobs, { method: 'POST', headers, body: '{}' });
  const { id, uploadUri } = (await created.json()) as { id: string; uploadUri: string };
  await fetch(uploadUri, {
    method: 'PUT',
    headers: { 'content-type': 'audio/wav' },
    body: new Uint8Array(makeWav(seconds)),
  });
  const completed = await fetch(`${jobs}/${id}/upload-complete`, { method: 'PUT', headers });
  if (!completed.ok) throw new Error(`upload-complete answered ${String(completed.status)}`);
  return id;
}
