import { type Command, Option } from 'commander';
import { readConfig } from '../../config/config.ts';
import { startCodecServer } from '../../encryption/codec-server.ts';
import { isChild, reportReady, stoppable } from '../child-process.ts';
import { childFlag, type CommandContext } from '../command-context.ts';
import { collect } from '../given-options.ts';
import { portOption } from '../number-options.ts';
import { createTerminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

interface CodecServerCommandOptions {
  host: string;
  port: number;
  origin: string[];
}

const usualOrigins = ['http://localhost:8233', 'http://127.0.0.1:8233'];

/** Adds `codec-server`: lets Temporal's Web UI show encrypted payloads. */
export function addCodecServerCommand(program: Command, context: CommandContext): void {
  program
    .command('codec-server')
    .summary("let Temporal's Web UI show encrypted payloads")
    .description(
      "Decrypts payloads for Temporal's Web UI, in the browser of whoever looks, with PROVIDER_JOBS_ENCRYPTION_KEYS.\n" +
        'Whoever reaches its port can read payloads: leave it on this machine, or put an access control before it.',
    )
    .option('--host <address>', 'address to listen at', '127.0.0.1')
    .option('--port <port>', 'port to listen at; 0 is any free one', portOption, 8888)
    .option(
      '--origin <origin>',
      "origin of the Web UI; repeatable (default: PROVIDER_JOBS_WEB_URL's, else a dev server's)",
      collect,
      [],
    )
    .addOption(new Option(childFlag).hideHelp())
    .addHelpText('after', '\nExample:\n  $ provider-jobs codec-server --origin https://temporal.example.com')
    .action((options: CodecServerCommandOptions) => runCodecServer(options, context));
}

function readOrigins(given: string[], webUrl: string | undefined): string[] {
  if (given.length === 0) return webUrl === undefined ? usualOrigins : [new URL(webUrl).origin];
  return given.map((each) => {
    const url = URL.canParse(each) ? new URL(each) : null;
    if (url === null || !/^https?:$/.test(url.protocol)) {
      throw new UsageError(`--origin: expected an http: or https: origin; given "${each.slice(0, 60)}"`);
    }
    return url.origin;
  });
}

async function runCodecServer(options: CodecServerCommandOptions, { environment }: CommandContext): Promise<void> {
  const stop = stoppable();
  const { say } = createTerminal();
  const { encryptionKeys: keys, webUrl } = readConfig(environment);
  if (keys.length === 0) throw new UsageError('Encryption is off: set PROVIDER_JOBS_ENCRYPTION_KEYS.');
  const origins = readOrigins(options.origin, webUrl);
  const { host, port } = options;
  const server = await startCodecServer({ keys, host, port, origins });
  say(`The codec server listens at ${server.url} for the Web UI at ${origins.join(', ')}.`);
  if (!isChild()) say(`In the Web UI, the button with the glasses takes it: Remote Codec Endpoint ${server.url}`);
  reportReady({ ready: true, url: server.url });
  await stop.asked();
  await server.close();
}
