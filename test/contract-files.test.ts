import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { contractFiles, pathOf } from '../scripts/contract/files.ts';
import type * as shapes from '../scripts/contract/shapes.ts';
import type { CleaningResult } from '../src/contract/cleaning.ts';
import type { IngestResult } from '../src/contract/ingest.ts';
import type { JobFailureDetails, JobNotice, JobOutcome, JobResult } from '../src/contract/job.ts';
import type { JobState } from '../src/contract/messages.ts';
import type { PipelineNotice, PipelineOutcome, PipelineSteps } from '../src/contract/pipeline.ts';

const read = (path: string) => readFileSync(pathOf(path), 'utf8');

describe('the contract', () => {
  it('is as the code makes it; `npm run contract` writes it', async () => {
    const files = await contractFiles();
    const schemas = [...files.keys()].filter((path) => path.startsWith('schemas/'));
    expect(readdirSync(pathOf('schemas')).map((name) => `schemas/${name}`)).toEqual(schemas.sort());
    for (const [path, content] of files) expect(read(path), path).toBe(content);
  });

  it('has the shapes that our types have', () => {
    expectTypeOf<z.infer<typeof shapes.jobResult>>().toEqualTypeOf<JobResult>();
    expectTypeOf<z.infer<typeof shapes.jobOutcome>>().branded.toEqualTypeOf<JobOutcome>();
    expectTypeOf<z.infer<typeof shapes.jobNotice>>().branded.toEqualTypeOf<JobNotice>();
    expectTypeOf<z.infer<typeof shapes.jobFailureDetails>>().branded.toEqualTypeOf<JobFailureDetails>();
    expectTypeOf<z.infer<typeof shapes.jobState>>().branded.toEqualTypeOf<JobState>();
    expectTypeOf<z.infer<typeof shapes.pipelineOutcome>>().branded.toEqualTypeOf<PipelineOutcome>();
    expectTypeOf<z.infer<typeof shapes.pipelineNotice>>().branded.toEqualTypeOf<PipelineNotice>();
    expectTypeOf<z.infer<typeof shapes.pipelineSteps>>().branded.toEqualTypeOf<PipelineSteps>();
    expectTypeOf<z.infer<typeof shapes.cleaningResult>>().toEqualTypeOf<CleaningResult>();
    expectTypeOf<z.infer<typeof shapes.ingestResult>>().branded.toEqualTypeOf<IngestResult>();
  });

  it('has a schema that takes the example of a schedules file, and none with a mistyped option', () => {
    const schema = z.fromJSONSchema(JSON.parse(read('schemas/schedules.json')) as z.core.JSONSchema.JSONSchema);
    const example = JSON.parse(read('examples/schedules.json')) as { schedules: object[] };
    expect(schema.safeParse(example).error).toBeUndefined();
    const mistyped = { ...example, schedules: [{ ...example.schedules[0], jiter: '30s' }] };
    expect(schema.safeParse(mistyped).success).toBe(false);
  });
});
