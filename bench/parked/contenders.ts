import type { ParkedContender } from './contender.ts';
import { bullmq, dbos, restate } from './on-others.ts';
import { ours, timerLoop } from './on-temporal.ts';

/** All contenders, in the order of the page. */
export const parkedContenders: readonly ParkedContender[] = [
  ours,
  timerLoop('timer loop', null),
  timerLoop('timer loop, cache of 50', 50),
  dbos('DBOS', false),
  dbos('DBOS, delayed queue', true),
  bullmq('BullMQ', null),
  bullmq('BullMQ, concurrency 50', 50),
  restate('Restate', 'loop'),
  restate('Restate, delayed sends', 'poll'),
];
