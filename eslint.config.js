import { existsSync } from 'node:fs';
import { defineConfig } from 'eslint/config';
import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Forbids value imports (types are free unless said otherwise) that do not match, with a word on why. */
const onlyImport = (allowed, message, allowTypeImports = true) => ({
  '@typescript-eslint/no-restricted-imports': [
    'error',
    { patterns: [{ regex: `^(?!${allowed}$)`, message, allowTypeImports }] },
  ],
});

const neverImport = (regex, message, allowTypeImports = false) => ({
  '@typescript-eslint/no-restricted-imports': ['error', { patterns: [{ regex, message, allowTypeImports }] }],
});

export default defineConfig(
  {
    ignores: [
      '.dependency-cruiser.cjs',
      'dist/',
      'api/',
      'node_modules/',
      'results/',
      'coverage/',
      'examples/nexus/',
      'examples/own-parent/',
      'examples/own-worker/',
      // The types of what the benchmarks draw with are only there once they ran.
      ...(existsSync(`${import.meta.dirname}/bench/node_modules`) ? [] : ['bench/*', '!bench/upload-memory.ts']),
    ],
  },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['eslint.config.js'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'The environment is read by src/config/; take a Config.' },
      ],
    },
  },
  {
    files: ['src/workflows/*.ts', 'src/workflow-api.ts', 'src/workflow-api/*.ts', 'src/contract/*.ts'],
    rules: onlyImport(
      `(@temporalio/(workflow|common(/lib/time\\.js)?)|\\./[\\w/-]+\\.ts|\\.\\./(workflow-api(/[\\w-]+)?|snapshot|contract/[\\w-]+)\\.ts)`,
      'What goes into a workflow bundle takes values only from @temporalio/workflow, @temporalio/common, contract/ and snapshot.ts.',
    ),
  },
  {
    files: ['src/nexus.ts'],
    rules: onlyImport(
      '(nexus-rpc|\\./contract/[\\w-]+\\.ts)',
      'What goes into the workflow bundle of a caller takes values only from nexus-rpc and contract/.',
    ),
  },
  {
    files: ['src/workflows/frame/*.ts'],
    rules: onlyImport(
      `(@temporalio/(workflow(/lib/global-attributes\\.js)?|common)|\\./[\\w-]+\\.ts|\\.\\./\\.\\./(snapshot|contract/[\\w-]+)\\.ts)`,
      'What goes into a workflow bundle takes values only from @temporalio/workflow, @temporalio/common, contract/ and snapshot.ts.',
    ),
  },
  {
    files: ['src/{providers,http,polling,upload,results,s3}/**/*.ts'],
    rules: neverImport('^@temporalio/', 'Providers, HTTP, polling, upload, results and S3 know no Temporal.'),
  },
  {
    files: ['src/simulator/*.ts'],
    rules: neverImport('^\\.\\./', 'The simulator stands alone: a wrong path must not agree with itself.'),
  },
  {
    files: ['src/simulator/*/*.ts'],
    rules: neverImport('^\\.\\./\\.\\./', 'The simulator stands alone: a wrong path must not agree with itself.'),
  },
  {
    files: ['src/cli/main.ts', 'src/config/config.ts', 'test/**/*.ts', 'scripts/**', '*.config.ts', 'bench/**'],
    rules: { 'no-restricted-properties': 'off' },
  },
  { files: ['**/*.js'], extends: [tseslint.configs.disableTypeChecked] },
);
