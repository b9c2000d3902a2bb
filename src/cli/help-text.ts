import { allSettings } from '../config/settings.ts';

const width = 100;

function wrap(text: string, indent: string): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && line.length + word.length + 1 > width - indent.length) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.map((line) => `${indent}${line}`).join('\n');
}

/** The end of the top `--help`: examples, exit codes, and every variable that is read. */
export function helpOnEnvironment(): string {
  const variables = Object.entries(allSettings()).map(([name, { description, default: fallback }]) =>
    [`  ${name}${fallback === undefined ? '' : ` (default: ${fallback})`}`, wrap(description, '      ')].join('\n'),
  );
  return `
Examples:
  $ provider-jobs demo                          see everything at work, without an account anywhere
  $ provider-jobs dev                           the same to play with, until Ctrl-C
  $ provider-jobs run tiro talk.wav             from a file to its transcript
  $ provider-jobs track soket 8f14e45f          follow what somebody else uploaded

Exit codes:
  0  succeeded
  1  ended otherwise: failed, partially succeeded, expired, cancelled, …
  2  wrong usage or configuration; every fault is named
  70  a worker met an error that nobody caught: it drained, and is to be started again
  130  detached with Ctrl-C, and the job goes on; or asked to stop before everything was up

Environment (a file .env in the working directory is read too; what is set already wins):
${variables.join('\n')}
  TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS, TEMPORAL_PROFILE, …
      Where Temporal is (default: 127.0.0.1:7233, namespace default), as for Temporal's own tools.
  AWS_ACCESS_KEY_ID, AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL_S3, …
      For s3: sources and results, as for AWS's own tools.`;
}
