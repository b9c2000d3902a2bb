// Uploads with the vendor's own client, in a process of its own.
import { TwelveLabs } from 'twelvelabs-js';
import { answerParent } from '../processes/child.ts';

// It tells its progress on the console.
console.log = () => undefined;
console.warn = () => undefined;
console.error = () => undefined;

const client = new TwelveLabs({ apiKey: process.env['TWELVELABS_API_KEY'] ?? '' });

answerParent({
  upload: async ({ path, options }: { path: string; options: Record<string, number> }) => {
    await client.multipartUpload.uploadFile(path, options);
  },
});
