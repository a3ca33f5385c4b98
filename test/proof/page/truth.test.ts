import { describe, expect, test } from 'vitest';
import { isBrowserMissing, shows, useBrowser } from './browser.js';
import { startService } from './service.js';

const opened = useBrowser();

describe.skipIf(isBrowserMissing)('the page tells the truth', () => {
  test('shows a real service, before, during and after a storm', async () => {
    await using service = await startService({ cis: 20 });
    await using view = await opened(service.url);
    await shows(view.page, 'healthy', 20);
    await service.cut();
    await shows(view.page, 'healthy', 0);
    await service.mend();
    await shows(view.page, 'healthy', 20);
    expect(await service.counts()).toEqual({ healthy: 20 });
    expect(view.faults).toEqual({ errors: [], strangers: [] });
  }, 150_000);
});
