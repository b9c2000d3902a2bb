import { type Command, InvalidArgumentError } from 'commander';
import { parseDurationMs } from '../polling/duration.ts';

/** What may be said of the media on the command line. */
export interface MediaCommandOptions {
  mediaType?: string;
  /** In seconds. */
  duration?: number;
}

function secondsOption(written: string): number {
  // A bare number would be milliseconds to one half of the people, and seconds to the other.
  const durationMs = /^[\d.\s]*$/.test(written) ? null : parseDurationMs(written);
  if (durationMs === null)
    throw new InvalidArgumentError('Expected a duration with its unit, for instance 90s or 25m.');
  return durationMs / 1000;
}

/** Adds the options that say what the media is, for who knows it better than the file shows it. */
export function addMediaOptions(command: Command): Command {
  return command
    .option('--media-type <type>', 'what the media is, for instance audio/mpeg (default: as it shows)')
    .option(
      '--duration <duration>',
      'how long the media plays, for instance 25m (default: as it shows)',
      secondsOption,
    );
}

/** The same as fields of an input; absent where not given. */
export function mediaInput({ mediaType, duration }: MediaCommandOptions): {
  mediaType?: string;
  durationSeconds?: number;
} {
  return {
    ...(mediaType === undefined ? {} : { mediaType }),
    ...(duration === undefined ? {} : { durationSeconds: duration }),
  };
}
