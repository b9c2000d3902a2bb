import { z } from 'zod';

/** The shape of a script of status answers. */
export const scriptSchema = z.array(
  z.strictObject({
    status: z.string().optional(),
    fields: z.record(z.string(), z.unknown()).optional(),
    omit: z.array(z.string()).optional(),
    polls: z.int().positive().optional(),
    untilMs: z.number().positive().optional(),
  }),
);

/**
 * One step of a script of status answers: for `polls` answers, or until `untilMs` after the resource was created
 * (before the time scale divides it), or for ever, it replaces the status, adds or replaces `fields` of the body and
 * leaves out those in `omit`. After the last step the clock rules again.
 */
export type ScriptStep = z.infer<typeof scriptSchema>[number];

/** A status body as a script step changes it. */
export function scripted(body: Record<string, unknown>, step: ScriptStep | undefined): Record<string, unknown> {
  if (!step) return body;
  const changed = { ...body, ...(step.status === undefined ? {} : { status: step.status }), ...step.fields };
  return Object.fromEntries(Object.entries(changed).filter(([name]) => step.omit?.includes(name) !== true));
}
