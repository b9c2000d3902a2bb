import { Writable } from 'node:stream';
import {
  type LogLevel,
  type LogMetadata,
  makeTelemetryFilterString,
  Runtime,
  type RuntimeOptions,
} from '@temporalio/worker';
import pc from 'picocolors';
import { type Logger, pino, stdTimeFunctions } from 'pino';
import type { Config } from '../config/config.ts';
import { metricsOptions } from '../worker/metrics-options.ts';
import { ConfigurationError } from '../config/configuration-error.ts';
import { isChild } from './child-process.ts';

const levelColors: Record<number, (text: string) => string> = { 40: pc.yellow, 50: pc.red };
const shownFields = ['workflowType', 'workflowId', 'activityType', 'taskQueue', 'attempt'] as const;

interface LogEntry extends Partial<Record<(typeof shownFields)[number], string | number>> {
  level: number;
  time: string;
  msg: string;
  error?: { message?: string };
}

/** Writes pino's JSON as one short line for people. */
function readableLine(json: string): string {
  const entry = JSON.parse(json) as LogEntry;
  const fields = shownFields.flatMap((name) => (entry[name] === undefined ? [] : [`${name}=${String(entry[name])}`]));
  const cause = entry.error?.message === undefined ? '' : `: ${entry.error.message}`;
  const level = pino.levels.labels[entry.level] ?? '';
  const paint = levelColors[entry.level] ?? pc.dim;
  return `${pc.dim(entry.time.slice(11, 19))} ${paint(level)} ${entry.msg}${cause} ${pc.dim(fields.join(' '))}\n`;
}

/** The log of a worker: JSON lines on standard output, short lines on a terminal and within `dev` and `demo`. */
export function createWorkerLog(level: Config['logLevel']): Logger {
  const options = { level, timestamp: stdTimeFunctions.isoTime, serializers: { error: pino.stdSerializers.err } };
  if (!process.stdout.isTTY && !isChild()) {
    const destination = pino.destination({ dest: 1, sync: true });
    // A full disk is not to end the worker with its log.
    destination.on('error', () => undefined);
    return pino(options, destination);
  }
  const readable = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      process.stdout.write(readableLine(chunk.toString()));
      done();
    },
  });
  return pino(options, readable);
}

/**
 * Makes Temporal's SDK write to this log, and its metrics go where they are to; once per process, before any worker is made.
 * @throws ConfigurationError where metrics cannot be served at their address.
 */
export function installRuntime(log: Logger, metrics: Config['metrics']): void {
  const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;
  const write = (level: LogLevel, message: string, meta?: LogMetadata) => {
    // What the SDK says of itself while all goes well, and that a queue has no workflows, is meant so.
    const isChatter = meta?.sdkComponent === 'worker' && (level === 'INFO' || message.startsWith('No workflows'));
    log[isChatter ? 'debug' : levels[level]](meta ?? {}, message);
  };
  install(metrics, {
    logger: {
      log: write,
      trace: (message, meta) => {
        write('TRACE', message, meta);
      },
      debug: (message, meta) => {
        write('DEBUG', message, meta);
      },
      info: (message, meta) => {
        write('INFO', message, meta);
      },
      warn: (message, meta) => {
        write('WARN', message, meta);
      },
      error: (message, meta) => {
        write('ERROR', message, meta);
      },
    },
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN' }) },
      ...(metrics === undefined ? {} : { metrics: metricsOptions(metrics) }),
    },
    // We drain on a signal ourselves.
    shutdownSignals: [],
  });
}

function install(metrics: Config['metrics'], options: RuntimeOptions): void {
  try {
    Runtime.install(options);
  } catch (error) {
    if (metrics === undefined) throw error;
    const where = metrics.kind === 'prometheus' ? `served at ${metrics.bindAddress}` : 'sent to that collector';
    const problem = `metrics cannot be ${where}: ${error instanceof Error ? error.message : String(error)}`;
    throw new ConfigurationError([{ variable: 'PROVIDER_JOBS_METRICS', problem }]);
  }
}
