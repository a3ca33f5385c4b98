import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tokenOf, useInspectors } from '../../support/inspectors.js';
import { root } from '../../support/source-files.js';
import { faultsByAxe, isBrowserMissing, type Opened, useBrowser } from './browser.js';

/** `SCREENSHOTS=docs` writes the pictures into the documentation. */
const pictures = `${root}${process.env.SCREENSHOTS === 'docs' ? 'docs/inspector' : 'coverage/inspector'}`;

describe.skipIf(isBrowserMissing)('the page that a browser without a session sees', { timeout: 150_000 }, () => {
  const { pool, inspect } = useInspectors();
  const open = useBrowser();
  /** Another program of the machine, whose page links to the inspector. */
  let elsewhere: Server;
  let link = '';

  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    elsewhere = createServer((_, response) => {
      response.setHeader('content-type', 'text/html');
      response.end(`<!doctype html><title>Elsewhere</title><a href="${link}">the inspector</a>`);
    });
    elsewhere.listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
  });
  afterAll(() => elsewhere?.close());

  const siteOf = (host: string): string => `http://${host}:${(elsewhere.address() as AddressInfo).port}/`;
  const started = async () => {
    const inspector = await inspect(await pool(['secret-ci']));
    link = `${new URL(inspector.url).origin}/`;
    return inspector;
  };
  const follow = async (page: Page, from: string): Promise<void> => {
    await page.goto(from);
    await page.getByRole('link', { name: 'the inspector' }).click();
  };
  const button = (page: Page) => page.getByRole('link', { name: 'Open the inspector' });
  const field = (page: Page) => page.getByLabel('Link or token');
  const paste = async (page: Page, text: string): Promise<void> => {
    await field(page).fill(text);
    await field(page).press('Enter');
  };
  const isOpen = (page: Page) => page.getByText('secret-ci').first().waitFor();
  /** Faults of the page itself, without the refusal that it reports. */
  const own = ({ faults }: Opened) => faults.errors.filter((text) => !/status of 4\d\d/.test(text));

  test('a link from another site leads to a button, which opens the page with the live session', async () => {
    await using opened = await open((await started()).url);
    const { page } = opened;
    await isOpen(page);
    await follow(page, siteOf('localhost'));
    await button(page).waitFor();
    expect(await page.content()).not.toContain('secret-ci');
    await button(page).click();
    await isOpen(page);
    expect(own(opened)).toEqual([]);
  });

  test('a link from another port of the same host opens the page at once: the browser sends its session', async () => {
    await using opened = await open((await started()).url);
    await isOpen(opened.page);
    await follow(opened.page, siteOf('127.0.0.1'));
    await isOpen(opened.page);
  });

  test.each(['localhost', '127.0.0.1'])('without a session, a link from %s leads to the form', async (host) => {
    const { url } = await started();
    await using opened = await open(siteOf(host));
    const { page } = opened;
    await follow(page, siteOf(host));
    await field(page).waitFor();
    // The server cannot know whether the browser holds a session back.
    expect(await button(page).count()).toBe(host === 'localhost' ? 1 : 0);
    if (host === 'localhost') await button(page).click();
    await page.getByText('This browser has no session.').waitFor();
    expect(await button(page).count()).toBe(0);
    await paste(page, url);
    await isOpen(page);
    expect([new URL(page.url()).pathname, new URL(page.url()).search]).toEqual(['/', '']);
    expect(own(opened)).toEqual([]);
  });

  test('a pasted token opens the page, too, and a wrong one is named', async () => {
    const { url } = await started();
    await using opened = await open(link);
    const { page } = opened;
    const refused = page.waitForResponse((response) => response.url() === `${link}open`);
    await paste(page, 'wrong');
    expect((await refused).status()).toBe(401);
    await page.getByRole('alert').filter({ hasText: 'This token is wrong.' }).waitFor();
    expect(await field(page).inputValue()).toBe('');
    await paste(page, tokenOf(url));
    await isOpen(page);
    expect(own(opened)).toEqual([]);
  });

  test('an old link, with the token of a service that was restarted, is named as such', async () => {
    const { url } = await started();
    await using opened = await open(`${link}?token=of-an-earlier-service`);
    const { page } = opened;
    await page.getByRole('alert').filter({ hasText: 'A service that was restarted has a new link.' }).waitFor();
    await paste(page, url);
    await isOpen(page);
    await page.goto(`${link}?token=of-an-earlier-service`);
    await button(page).click();
    await isOpen(page);
  });

  test.each(['light', 'dark'] as const)('has no fault that axe finds, on a desk or a phone, %s', async (scheme) => {
    await started();
    for (const [name, width, height] of [
      ['desk', 1_360, 860],
      ['phone', 390, 844],
    ] as const) {
      await using opened = await open(siteOf('localhost'), { scheme, viewport: { width, height } });
      const { page } = opened;
      await follow(page, siteOf('localhost'));
      await field(page).waitFor();
      expect(await faultsByAxe(page)).toEqual([]);
      await page.screenshot({ path: `${pictures}/welcome-${name}-${scheme}.png` });
      await paste(page, 'wrong');
      await page.getByRole('alert').waitFor();
      expect(await faultsByAxe(page)).toEqual([]);
      await page.screenshot({ path: `${pictures}/welcome-wrong-${name}-${scheme}.png` });
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
    }
  });
});
