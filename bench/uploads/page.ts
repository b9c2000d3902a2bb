import type { BenchResult, Figure } from '../benchmark.ts';
import { figuresUnder, spreadOf } from '../spread.ts';
import { formatNumber, formatSpread, markdownTable } from '../table.ts';
import { conditionsOf, whereWeLose } from '../where-we-lose.ts';
import { floors, uploadContenders } from './contenders.ts';

const intro = `A video goes from a local file to TwelveLabs' storage in parts of 5 MiB. \`ours\` is a job through our worker on a real
Temporal server; \`twelvelabs-js\` is the vendor's own client; \`lib-storage\` is the S3 client's managed upload, to a
versitygw. Each starts in a fresh process. The floor is a process that sends the same bytes by bare undici PUTs, five at
once, to URLs that it has already: what the machine and the storage (the simulator, which hashes every part) allow.

Wall time is from the call to the last report's arrival at the provider, CPU that of the uploading process, memory its
peak over idle. Tuned: twelvelabs-js with batches of 25 and short pauses; lib-storage with 16 parts of 8 MiB at once, no
checksums and unsigned bodies. \`× floor\` compares each with the floor of its own storage.

TwelveLabs calls its part URLs good for one request. Here they are good for several, as S3's are: twelvelabs-js tries a
failed part again with the same URL, and would end at the first failure otherwise. We ask for a fresh one.`;

const columns = ['wall', 'CPU', 'CPU of the Temporal server', 'memory', 'temporary files', 'sent', 'control requests'];

function tableUnder(figures: readonly Figure[]): string {
  const find = (contender: string, measure: string) =>
    figures.find((figure) => figure.contender === contender && figure.measure === measure);
  const medianOf = (figure: Figure | undefined) => (figure === undefined ? Number.NaN : spreadOf(figure.values).median);
  const present = columns.filter((measure) => figures.some((figure) => figure.measure === measure));
  const unitOf = (measure: string) => figures.find((figure) => figure.measure === measure)?.unit ?? '';
  const head = present.map((measure) => (unitOf(measure) === '' ? measure : `${measure}, ${unitOf(measure)}`));
  const rows = uploadContenders
    .filter(({ name }) => figures.some(({ contender }) => contender === name))
    .map(({ name, storage }) => {
      const failures = find(name, 'uploads that failed')?.values ?? [];
      const failed = failures.filter((times) => times > 0).length;
      const times = medianOf(find(name, 'wall')) / medianOf(find(floors[storage], 'wall'));
      const cells = present.map((measure) => {
        const figure = find(name, measure);
        return figure === undefined ? '' : formatSpread(figure.values);
      });
      const note = failed === 0 ? name : `${name} (${String(failed)} of ${String(failures.length)} failed)`;
      return [note, cells[0] ?? '', Number.isNaN(times) ? '' : formatNumber(times), ...cells.slice(1)];
    });
  return markdownTable(['', head[0] ?? '', '× floor', ...head.slice(1)], rows);
}

/** Wall times as multiples of the floor of the same storage: what two storages can be compared by. */
function timesFloor(figures: readonly Figure[]): Figure[] {
  return figures
    .filter(({ measure }) => measure === 'wall')
    .flatMap(({ contender, under, values }) => {
      const storage = uploadContenders.find(({ name }) => name === contender)?.storage ?? 'twelvelabs';
      const floor = figuresUnder(figures, under, 'wall').find((figure) => figure.contender === floors[storage]);
      if (floor === undefined) return [];
      const least = spreadOf(floor.values).median;
      const times = values.map((value) => value / least);
      return [{ contender, under, measure: 'wall as a multiple of the floor', unit: '', values: times }];
    });
}

/** The section of the page. */
export function uploadsPage({ figures }: BenchResult): string {
  const tables = conditionsOf(figures).map((under) => {
    const title = `**${String(under['size'])}, ${String(under['network'])}**`;
    return `${title}\n\n${tableUnder(figuresUnder(figures, under))}`;
  });
  const lost = whereWeLose([...timesFloor(figures), ...figures], {
    measures: {
      'wall as a multiple of the floor': 0.1,
      CPU: 0.2,
      memory: 8,
      'temporary files': 1,
      sent: 6,
      'control requests': 1,
    },
    except: Object.values(floors),
  });
  return [intro, '![Wall time of uploads](benchmarks/uploads.svg)', ...tables, lost].join('\n\n');
}
