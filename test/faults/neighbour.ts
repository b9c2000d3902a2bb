import type { SimulatedProvider, Simulator } from '../../src/simulator/index.ts';
import { ProviderApi, putBytes, text } from '../simulator/provider-api.ts';

interface NeighbourFile {
  name: string;
  content: Buffer<ArrayBuffer>;
}

const make: Record<SimulatedProvider, (simulator: Simulator, file: NeighbourFile) => Promise<unknown>> = {
  soket: (simulator, { name, content }) => {
    const form = new FormData();
    form.append('files', new Blob([content], { type: 'audio/wav' }), name);
    return new ProviderApi(simulator, 'soket').form('/files/upload', form);
  },
  twelvelabs: (simulator, { name, content }) => {
    const body = { filename: name, type: 'video', total_size: content.length };
    return new ProviderApi(simulator, 'twelvelabs', '/assets').json('POST', '/multipart-uploads', body);
  },
  tiro: async (simulator, { content }) => {
    const created = await new ProviderApi(simulator, 'tiro', '/v1/external/voice-file/jobs').json('POST', '', {});
    return putBytes(text(created, 'uploadUri'), content);
  },
  slng: (simulator, { name, content }) => {
    const form = new FormData();
    form.set('transcription_config', '{}');
    form.set('file', new Blob([content], { type: 'audio/wav' }), name);
    return new ProviderApi(simulator, 'slng', '/v1/batch/jobs').form('', form);
  },
};

/** Does what another client of the provider might: a file of this name and content is uploaded, or about to be. */
export async function makeNeighbour(
  simulator: Simulator,
  provider: SimulatedProvider,
  file: NeighbourFile,
): Promise<void> {
  await make[provider](simulator, file);
}
