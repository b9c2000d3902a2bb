import type { ParkedContender } from './contender.ts';
import { bullmq, dbos, restate } from './on-others.ts';
import { handWritten, ours } from './on-temporal.ts';

/** A rate that the machine keeps up with, however many jobs wait. */
export const looksASecond = 40;
/** Ours where the provider allows so many looks. */
export const oursWithRate = `ours, ${String(looksASecond)} looks a second`;

/** All contenders, in the order of the page. */
export const parkedContenders: readonly ParkedContender[] = [
  ours('ours'),
  ours(oursWithRate, { TWELVELABS_RATE: `${String(looksASecond)}/s` }),
  handWritten('60 s recipe', 'retryRecipe', null),
  handWritten('timer loop', 'timerLoop', null),
  handWritten('timer loop, cache of 50', 'timerLoop', 50),
  dbos('DBOS', false),
  dbos('DBOS, delayed queue', true),
  bullmq('BullMQ', null),
  bullmq('BullMQ, concurrency 50', 50),
  restate('Restate', 'loop'),
  restate('Restate, delayed sends', 'poll'),
];
