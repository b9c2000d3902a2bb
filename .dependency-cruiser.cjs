// Every arrow in `src/` points down this list, type imports included, and no files go round in a circle.
const floors = [
  ['snapshot.ts'],
  ['polling/', 'http/', 'simulator/'],
  ['upload/', 'results/', 's3/', 's3.ts'],
  ['providers/'],
  ['encryption/', 'config/', 'contract/'],
  ['client/', 'client.ts', 'nexus.ts', 'workflow-api/', 'workflow-api.ts'],
  ['activities/'],
  ['workflows/', 'schedules/', 'schedules.ts', 'index.ts'],
  ['worker/', 'worker.ts'],
  ['dev/'],
  ['cli/'],
].map((rooms) => `^src/(${rooms.map((room) => room.replace('.', '\\.')).join('|')})`);

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: { path: '^src/' }, to: { circular: true } },
    ...floors.slice(0, -1).map((floor, index) => ({
      name: 'downwards',
      severity: 'error',
      from: { path: floor },
      to: { path: floors.slice(index + 1) },
    })),
    {
      name: 'entries-only',
      comment: 'Nothing lies loose in src/ but the entries of the package and the ground floor.',
      severity: 'error',
      from: {
        path: '^src/[^/]+$',
        pathNot: '^src/(index|client|worker|schedules|s3|workflow-api|nexus|snapshot)\\.ts$',
      },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts'] },
  },
};
