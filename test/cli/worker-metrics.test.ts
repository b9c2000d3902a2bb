import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { runProgram } from './run-program.ts';

it('ends with the reason where its metrics cannot be served', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  onTestFinished(() => void taken.close());
  const address = `127.0.0.1:${String((taken.address() as AddressInfo).port)}`;
  const { exitCode, stderr } = await runProgram(['worker'], { PROVIDER_JOBS_METRICS: address });
  expect(exitCode).toBe(2);
  expect(stderr).toContain(`PROVIDER_JOBS_METRICS: metrics cannot be served at ${address}`);
  expect(stderr).toContain('in use');
});
