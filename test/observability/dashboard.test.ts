import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { dashboardJson } from '../../deploy/grafana/dashboard.ts';

const committed = fileURLToPath(new URL('../../deploy/grafana/provider-jobs.json', import.meta.url));

// Written anew by `npm run dashboards`.
test('the committed dashboard is the one that the code makes', async () => {
  await expect(dashboardJson()).toMatchFileSnapshot(committed);
});
