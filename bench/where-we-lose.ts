import type { Figure } from './benchmark.ts';
import { figuresUnder, spreadOf } from './spread.ts';
import { formatNumber } from './table.ts';

// What is nearer than this is no difference on a machine that does other things too.
const margin = 1.1;

/** What figures were measured under, each once, in the order of measuring. */
export function conditionsOf(figures: readonly Figure[]): Figure['under'][] {
  return [...new Map(figures.map(({ under }) => [JSON.stringify(under), under])).values()];
}

/** What the judgement is about: of each measure less is better. */
export interface LosingQuestion {
  /** The measures, with what little of each is no difference. */
  measures: Record<string, number>;
  /** Contenders that are no rivals, floors for instance. */
  except?: readonly string[];
}

interface Loss {
  rival: string;
  their: number;
  our: number;
  unit: string;
  under: Figure['under'];
}

/**
 * A Markdown list of the rivals that need less of a measure than `ours` does with its defaults, by more than a tenth: in
 * how many of the conditions, and where it is worst. One line where there is none.
 */
export function whereWeLose(figures: readonly Figure[], { measures, except = [] }: LosingQuestion): string {
  const conditions = conditionsOf(figures);
  const lines = Object.entries(measures).flatMap(([measure, negligible]) => {
    const losses = conditions.flatMap((under) => lossesUnder(figuresUnder(figures, under, measure), under, negligible));
    const rivals = [...new Set(losses.map(({ rival }) => rival))].filter((rival) => !except.includes(rival));
    const words = rivals.map((rival) =>
      describe(
        losses.filter((loss) => loss.rival === rival),
        conditions.length,
      ),
    );
    return words.length === 0 ? [] : [`- ${measure}: ${words.join('; ')}`];
  });
  const head = 'Where we lose, with our defaults, by more than a tenth';
  return lines.length === 0 ? `${head}: nowhere.` : [`${head}:`, '', ...lines].join('\n');
}

function lossesUnder(figures: readonly Figure[], under: Figure['under'], negligible: number): Loss[] {
  const ours = figures.find(({ contender }) => contender === 'ours');
  if (ours === undefined) return [];
  const { unit } = ours;
  const our = spreadOf(ours.values).median;
  return figures
    .filter(({ contender }) => !contender.startsWith('ours'))
    .map(({ contender, values }) => ({ rival: contender, their: spreadOf(values).median, our, unit, under }))
    .filter(({ their }) => our > their * margin && our - their > negligible);
}

function describe(losses: readonly Loss[], conditions: number): string {
  const [worst] = [...losses].sort((one, other) => other.our / other.their - one.our / one.their);
  if (worst === undefined) return '';
  const { rival, their, our, unit, under } = worst;
  const withUnit = (value: number) => `${formatNumber(value)}${unit === '' ? '' : ` ${unit}`}`;
  const where = `${conditionOf(under)}: ${withUnit(their)} against our ${withUnit(our)}`;
  return conditions === 1
    ? `${rival} (${where})`
    : `${rival} in ${String(losses.length)} of ${String(conditions)} (worst ${where})`;
}

/** A condition in words; a mere number needs its name. */
function conditionOf(under: Figure['under']): string {
  return Object.entries(under)
    .map(([name, value]) => (typeof value === 'number' ? `${value.toLocaleString('en-US')} ${name}` : value))
    .join(', ');
}
