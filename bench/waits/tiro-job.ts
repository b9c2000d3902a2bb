import { makeWav } from '../../test/setup/wav.ts';
import type { Stack } from '../stack.ts';

/** Makes, fills and begins a job at the simulated Tiro, as somebody else would, and gives its id. */
export async function beginTiroJob(stack: Stack): Promise<string> {
  const { TIRO_BASE_URL: baseUrl = '', TIRO_API_KEY: key = '' } = stack.environmentOf('default');
  const jobsUrl = `${baseUrl}/v1/external/voice-file/jobs`;
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const created = await call(jobsUrl, { method: 'POST', headers, body: '{}' });
  const { id, uploadUri } = (await created.json()) as { id: string; uploadUri: string };
  await call(uploadUri, { method: 'PUT', headers: { 'content-type': 'audio/wav' }, body: makeWav(0.1) });
  await call(`${jobsUrl}/${id}/upload-complete`, { method: 'PUT', headers });
  return id;
}

async function call(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`the simulator answered ${String(response.status)} to ${url}`);
  return response;
}
