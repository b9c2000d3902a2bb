import { z } from 'zod';
import type { Provider } from '../../src/providers/provider.ts';

/** All that a fifth provider needs that is only tracked: this module, and one line in the registry. */
export const fifth: Provider = {
  title: 'Fifth',
  defaultBaseUrl: 'https://api.fifth.example',
  authorize: (key) => ({ 'x-fifth-key': key }),
  resources: {
    render: {
      title: 'Fifth render',
      id: z.string().min(1),
      path: (id) => `/renders/${encodeURIComponent(id)}`,
      statuses: { busy: 'running', finished: 'succeeded' },
      read: (body) => {
        const { state } = z.object({ state: z.enum(['busy', 'finished']) }).parse(body);
        const phase = state === 'busy' ? 'running' : 'succeeded';
        return { status: state, phase, recognised: true, progress: null, message: null, timestamps: {} };
      },
      polling: { floorMs: 1000, capMs: 10_000 },
    },
  },
  defaultResource: 'render',
  readError: () => ({}),
};
