import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Rehearsal, startRehearsal } from './rehearsal.ts';

let rehearsal: Rehearsal;
let goodKey: string;
const keyFile = () => join(rehearsal.world.folder, 'tiro.key');
beforeAll(async () => {
  rehearsal = await startRehearsal('key-expired', { namespace: 'test-0' });
  const { environment, world } = rehearsal;
  goodKey = environment['TIRO_API_KEY'] ?? '';
  delete environment['TIRO_API_KEY'];
  environment['TIRO_API_KEY_FILE'] = keyFile();
  await writeFile(keyFile(), goodKey);
  world.simulator.setPlan('tiro', { durationMs: 14 * 60_000 });
  await rehearsal.startWorker();
});
afterAll(() => rehearsal.close());

it('a key has expired', async () => {
  const { run, show, showOnce, world } = rehearsal;
  const { simulator } = world;
  await run('provider-jobs run tiro talk-1.wav --key talk-1 --detach', { prints: /Started/ });
  await run('until provider-jobs status provider-job/tiro/talk-1 | grep PROCESSING; do sleep 0.2; done');
  // The provider takes this key no longer.
  const replacement = goodKey.replace(/.{4}$/, 'beef');
  simulator.keys.tiro.splice(0, 1, replacement);
  await run('provider-jobs run tiro talk-2.wav --key talk-2', { exitCode: 1, prints: /CredentialRejected/ });

  await show('seen', 'provider-jobs list --provider tiro');
  await showOnce('seen', 'provider-jobs status provider-job/tiro/talk-1', { prints: /401/ });
  await show('seen', 'provider-jobs status provider-job/tiro/talk-2', { exitCode: 1 });

  await writeFile(join(world.folder, 'tiro.new'), replacement);
  await show('exchanged', 'cp ../tiro.new ../tiro.key');
  await showOnce('exchanged', 'provider-jobs status provider-job/tiro/talk-1', { prints: /PROCESSING(?!.*401)/ });
  await show('resumed', 'provider-jobs resume --failure CredentialRejected --since 12h --dry-run');
  await show('resumed', 'provider-jobs resume --failure CredentialRejected --since 12h');
  await run('until provider-jobs list --running | grep None; do sleep 0.5; done');
  await show('over', 'provider-jobs list --provider tiro');
  await show('over', 'provider-jobs resume --failure CredentialRejected --since 12h');
  expect(simulator.counters().jobsCreated.tiro).toBe(2);
  await rm(keyFile());
  await rehearsal.expectInRunbook();
});
