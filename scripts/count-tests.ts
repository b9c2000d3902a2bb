import { readFileSync } from 'node:fs';

// Counts the tests of vitest's reports, and names those that failed with their reasons. A file that fails outside its
// tests (it could not be loaded, a hook threw) and a run without a report count as one failure each.

interface Report {
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { fullName: string; status: string; failureMessages: string[] }[];
  }[];
}

let passed = 0;
let failed = 0;
function fail(...words: string[]): void {
  failed += 1;
  console.log('FAILED:', ...words);
}

for (const path of process.argv.slice(2)) {
  let report: Report;
  try {
    report = JSON.parse(readFileSync(path, 'utf8')) as Report;
  } catch (error) {
    fail(`no report ${path}:`, String(error));
    continue;
  }
  for (const { name, status, message, assertionResults } of report.testResults) {
    passed += assertionResults.filter((test) => test.status === 'passed').length;
    const broken = assertionResults.filter((test) => test.status === 'failed');
    for (const { fullName, failureMessages } of broken) fail(name, fullName, failureMessages.join('\n').slice(0, 1500));
    if (status === 'failed' && broken.length === 0) fail(name, message);
  }
}
console.log(`${String(passed)} passed, ${String(failed)} failed`);
