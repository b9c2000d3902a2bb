// Restate: the loop with durable sleeps, or one invocation for each poll that sends the next one with a delay.
import * as restate from '@restatedev/restate-sdk';
import { answerParent } from '../processes/child.ts';
import { askStatus, hasEnded, workerSettings, type WorkerSettings } from './ask-status.ts';

// Its SDK is written for Node 22, of which Node 20 lacks no more than this.
if (!('withResolvers' in Promise)) {
  const withResolvers = () => {
    const settle: { resolve?: (value: unknown) => void; reject?: (reason: unknown) => void } = {};
    const promise = new Promise((resolve, reject) => Object.assign(settle, { resolve, reject }));
    return { promise, ...settle };
  };
  Object.assign(Promise, { withResolvers });
}

const settings = workerSettings() as WorkerSettings & { port: number };
const { intervalMs } = settings;

const parked = restate.service({
  name: 'parked',
  handlers: {
    loop: async (context: restate.Context, assetId: string) => {
      for (;;) {
        const status = await context.run('ask', () => askStatus(settings, assetId));
        if (hasEnded(status)) return status;
        await context.sleep(intervalMs);
      }
    },
    poll: async (context: restate.Context, assetId: string) => {
      const status = await context.run('ask', () => askStatus(settings, assetId));
      if (!hasEnded(status)) {
        context.genericSend({
          service: 'parked',
          method: 'poll',
          parameter: new TextEncoder().encode(JSON.stringify(assetId)),
          delay: intervalMs,
        });
      }
      return status;
    },
  },
});

await restate.serve({ services: [parked], port: settings.port });
answerParent({});
