import { TypedSearchAttributes } from '@temporalio/common';
import type { z } from 'zod';
import { failureTypes } from '../../src/contract/failures.ts';
import { executionTimeoutMs } from '../../src/contract/deadlines.ts';
import {
  jobFinishedSignal,
  jobSnapshotQuery,
  pipelineFinishedSignal,
  pipelineStepsQuery,
} from '../../src/contract/messages.ts';
import { searchAttributeKeys } from '../../src/contract/search-attributes.ts';
import {
  callsTaskQueue,
  collectsTaskQueue,
  defaultTaskQueue,
  transfersTaskQueue,
} from '../../src/contract/task-queues.ts';
import { lifecycleWorkflowId, pipelineWorkflowId, stepKey, trackWorkflowId } from '../../src/contract/workflow-ids.ts';
import {
  ingestWorkflowType,
  lifecycleWorkflowTypes,
  pipelineWorkflowType,
  retentionWorkflowType,
  sweepWorkflowType,
  trackWorkflowType,
} from '../../src/contract/workflow-types.ts';
import type { LifecycleProvider } from '../../src/providers/lifecycle-inputs.ts';
import { providers } from '../../src/providers/registry.ts';
import type { ContractTypes } from './contract-types.ts';

type JsonSchema = z.core.JSONSchema.BaseSchema;
type Schemas = Record<keyof ContractTypes, JsonSchema>;

const cell = (text: string) => text.replaceAll('|', '\\|');
const code = (text: string) => `\`${text}\``;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const linkTo = (name: keyof ContractTypes) => `[${name}](../schemas/${name}.json)`;

function workflowTypes(): string {
  const lifecycles = Object.entries(lifecycleWorkflowTypes).map(([name, workflowType]) => {
    const { title } = providers[name as LifecycleProvider];
    const does = `a ${title} job, from the media to its results`;
    return [code(workflowType), does, linkTo(`${workflowType}.input`), linkTo('job-outcome')];
  });
  return table(
    ['workflow type', 'what it is', 'its one argument', 'its result'],
    [
      ...lifecycles,
      [
        code(trackWorkflowType),
        'follows what somebody else has made, by its id',
        linkTo('trackJob.input'),
        linkTo('job-outcome'),
      ],
      [
        code(pipelineWorkflowType),
        'several jobs over one media file',
        linkTo('mediaPipeline.input'),
        linkTo('pipeline-outcome'),
      ],
      [
        code(ingestWorkflowType),
        'a pipeline for each new media file of a directory',
        linkTo('ingest.input'),
        linkTo('ingest-result'),
      ],
      [
        code(sweepWorkflowType),
        'removes what lost jobs left at providers',
        linkTo('sweep.input'),
        linkTo('cleaning-result'),
      ],
      [
        code(retentionWorkflowType),
        'removes at providers what is done and stored',
        linkTo('retention.input'),
        linkTo('cleaning-result'),
      ],
    ],
  );
}

function taskQueues(): string {
  const provider = 'tiro';
  return table(
    ['task queue', 'what runs there', 'role of its workers'],
    [
      [code(defaultTaskQueue), 'every workflow, and activities of no provider', code('workflows')],
      [code(callsTaskQueue(defaultTaskQueue, provider)), 'short calls: create, submit, poll', code(provider)],
      [code(transfersTaskQueue(defaultTaskQueue, provider)), 'uploads', code(`${provider}-transfer`)],
      [code(collectsTaskQueue(defaultTaskQueue, provider)), 'results on their way', code(`${provider}-transfer`)],
    ],
  );
}

function workflowIds(): string {
  const long = 'x'.repeat(201);
  const keys = ['talk-42', 'talks/2026 May~1', 'grüße', long];
  const shown = (key: string) => (key === long ? '201 times x' : key);
  return table(
    ['what', 'example', 'workflow id'],
    [
      ...keys.map((key) => ['job under a key', code(shown(key)), code(lifecycleWorkflowId('tiro', key))]),
      ['track of an id', code('soket.batch, b-7'), code(trackWorkflowId('soket', 'batch', 'b-7'))],
      [
        'the same with another key of the provider',
        code('credential acme'),
        code(trackWorkflowId('soket', 'batch', 'b-7', 'acme')),
      ],
      ['pipeline under a key', code('talk-42'), code(pipelineWorkflowId('talk-42'))],
      ['job of its step', code('step slng'), code(lifecycleWorkflowId('slng', stepKey('talk-42', 'slng')))],
    ],
  );
}

/** A length of time in hours and whole minutes, of which none is lost. */
function exactly(durationMs: number): string {
  const minutes = Math.ceil(durationMs / 60_000);
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return [...(hours > 0 ? [`${String(hours)} h`] : []), ...(rest > 0 ? [`${String(rest)} min`] : [])].join(' ');
}

function timeOuts(): string {
  const rows = Object.entries(lifecycleWorkflowTypes).map(([name, workflowType]) => {
    const { lifecycle } = providers[name as LifecycleProvider];
    const defaultMs = lifecycle.defaultDeadlineMs(null);
    return [
      code(workflowType),
      exactly(defaultMs),
      `deadline + ${exactly(executionTimeoutMs(0, false))}`,
      exactly(executionTimeoutMs(defaultMs, true)),
    ];
  });
  return table(['workflow type', 'deadline where none is given', 'time-out with a deadline', 'time-out without'], rows);
}

const attributeMeanings: Readonly<Record<string, string>> = {
  ProviderName: 'the provider; may be given at the start, else it is there with the first news of the job',
  ProviderJobId: "the provider's id of the job, once it is known",
  ProviderJobPhase: 'the phase as last seen; a job that failed at its provider is a Completed workflow',
  ProviderJobFailure: 'the failure type, on failures alone',
};

function meaningOf(name: string): string {
  const meaning = attributeMeanings[name];
  if (meaning === undefined) throw new Error(`nobody says what ${name} means`);
  return meaning;
}

function searchAttributes(): string {
  return table(
    ['search attribute', 'type', 'what it says'],
    searchAttributeKeys.map(({ name, type }) => [
      code(name),
      TypedSearchAttributes.toMetadataType(type),
      meaningOf(name),
    ]),
  );
}

function messages(): string {
  return table(
    ['name', 'kind', 'from and to', 'payload'],
    [
      [code(jobFinishedSignal), 'signal', 'a job to its parent and to each workflow in `notify`', linkTo('job-notice')],
      [code(pipelineFinishedSignal), 'signal', 'a pipeline to the same', linkTo('pipeline-notice')],
      [code(jobSnapshotQuery), 'query', 'anybody to a job or track, without an argument', linkTo('job-snapshot')],
      [code(pipelineStepsQuery), 'query', 'anybody to a pipeline, without an argument', linkTo('pipeline-steps')],
    ],
  );
}

function failures(): string {
  return table(
    ['failure type', 'what it means'],
    Object.entries(failureTypes).map(([type, { meaning }]) => [code(type), meaning]),
  );
}

function typeOf(schema: JsonSchema): string {
  const { type, enum: words, const: word, anyOf, oneOf, items } = schema;
  if (words !== undefined) return words.map((each) => code(JSON.stringify(each))).join(', ');
  if (word !== undefined) return code(JSON.stringify(word));
  const options = anyOf ?? oneOf;
  if (options !== undefined) return [...new Set(options.map(typeOf))].join(' or ');
  if (type === 'array') {
    const item = typeof items === 'object' && !Array.isArray(items) ? typeOf(items) : 'any';
    return `list of ${item}`;
  }
  return type === undefined ? 'any JSON' : [type].flat().join(' or ');
}

/** The rows of an input's fields; of one that is a choice between several, a row for the fields of the same name. */
function rowsOf({ properties = {}, required = [], anyOf = [] }: JsonSchema): string[][] {
  const rows = new Map<string, string[]>();
  for (const [name, field] of Object.entries(properties)) {
    if (typeof field === 'boolean') continue;
    const { default: usual, description = '' } = field;
    const shown = usual === undefined ? '' : code(JSON.stringify(usual));
    rows.set(name, [code(name) + (required.includes(name) ? ' *' : ''), typeOf(field), shown, description]);
  }
  for (const [name = '', type = '', ...rest] of anyOf.flatMap((each) =>
    typeof each === 'boolean' ? [] : rowsOf(each),
  )) {
    const types = rows.get(name)?.[1]?.split(', ') ?? [];
    rows.set(name, [name, [...new Set([...types, ...type.split(', ')])].join(', '), ...rest]);
  }
  return [...rows.values()];
}

function fields(schemas: Schemas, workflowTypes: readonly string[]): string {
  return workflowTypes
    .map((workflowType) => {
      const rows = rowsOf(schemas[`${workflowType}.input` as keyof ContractTypes]);
      return `### ${workflowType}\n\n${table(['field', 'type', 'default', 'what it says'], rows)}`;
    })
    .join('\n\n');
}

/** The tables of the contract's page, by their names in it. */
export function makeTables(schemas: Schemas): Record<string, string> {
  const inputs = [
    ...Object.values(lifecycleWorkflowTypes),
    trackWorkflowType,
    pipelineWorkflowType,
    ingestWorkflowType,
    sweepWorkflowType,
    retentionWorkflowType,
  ];
  return {
    'workflow-types': workflowTypes(),
    'task-queues': taskQueues(),
    'workflow-ids': workflowIds(),
    'time-outs': timeOuts(),
    'search-attributes': searchAttributes(),
    messages: messages(),
    failures: failures(),
    fields: fields(schemas, inputs),
  };
}
