import { exchange } from '@longshore/testing';
import { startProvider, type TestProvider } from '@longshore/testing/oidc';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser, type TestBrowser, type Visit } from '../support/browser.ts';
import { run } from '../support/command.ts';
import { type Docker, startDocker } from '../support/dockerd.ts';
import { target } from '../support/target.ts';
import { providerPorts } from './providers.ts';

const host = new URL(target.origin).host;
const account = `${target.origin}/auth/login`;
let provider: TestProvider;
let browser: TestBrowser;
let docker: Docker;

beforeAll(async () => {
  const { company: port } = await providerPorts();
  provider = await startProvider({ registries: [target.origin], name: 'company', port });
  provider.people.set('1', { name: 'alice', groups: ['dev', 'ops'] });
  browser = await startBrowser();
  docker = await startDocker();
});

afterAll(async () => {
  await browser.close();
  await provider.close();
  await docker.stop();
});

/** Types the name at the provider, and confirms what it asks. */
async function logInAtProvider(page: Page): Promise<void> {
  await page.getByPlaceholder('Enter any login').fill('1');
  await page.getByPlaceholder('and password').fill('any');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
}

async function loggedIn(options?: BrowserContextOptions): Promise<Visit> {
  const visit = await browser.visit(target.origin, options);
  await visit.page.goto(account);
  await visit.page.getByRole('link', { name: 'Log in with The company' }).click();
  await logInAtProvider(visit.page);
  await visit.page.getByText('You are alice').waitFor();
  return visit;
}

const statusWith = async (secret: string): Promise<number> => {
  const authorization = `Basic ${Buffer.from(`alice:${secret}`).toString('base64')}`;
  return (await exchange(target.origin, '/v2/', { headers: { authorization } })).status;
};

describe.each([
  ['with scripts', {}],
  ['without scripts', { javaScriptEnabled: false }],
])('a person with a browser %s', (_, options: BrowserContextOptions) => {
  let visit: Visit;
  beforeAll(async () => {
    visit = await loggedIn(options);
  });

  it('is on the page of the account, which loads nothing', async () => {
    const { page } = visit;
    expect(page.url()).toBe(account);
    await page.getByText('Your groups: dev, ops.').waitFor();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.reload();
    expect(asked).toEqual([account]);
  });

  it('makes an access token, with which the shown line logs docker in, until it is revoked', async () => {
    const { page } = visit;
    await page.getByLabel('Name').fill('laptop');
    await page.getByRole('button', { name: 'Make a token' }).click();
    const [secret = '', line = ''] = await page.locator('pre').allTextContents();
    const [program = '', ...words] = line.split(' ');
    const settings = { environment: docker.environment, input: secret };
    expect(await run(program, [...words, '--password-stdin'], settings)).toContain('Login Succeeded');
    expect(await run('docker', ['logout', host], { environment: docker.environment })).toContain(host);
    await page.getByRole('link', { name: 'Back to your account' }).click();
    await page.getByRole('button', { name: 'Revoke the token laptop' }).click();
    await page.getByText('You are alice').waitFor();
    expect(await page.getByText('laptop').count()).toBe(0);
    await expect.poll(() => statusWith(secret), { timeout: 20_000 }).toBe(401);
  });

  it('confirms a device, also with a code that is typed', async () => {
    const { page } = visit;
    const { body } = await exchange(target.origin, '/auth/device/code', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'client_id=longshore&device=terminal',
    });
    const { user_code: code } = JSON.parse(body.toString());
    await page.goto(`${target.origin}/auth/device`);
    await page.getByLabel('Code that the terminal shows').fill(code);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('cell', { name: code }).waitFor();
    await page.getByRole('button', { name: 'Confirm' }).click();
    expect(await page.getByRole('heading').textContent()).toBe('Device confirmed');
  });

  it('logs out here and at the provider, and comes back to the login', async () => {
    const { page } = visit;
    await page.goto(account);
    await page.getByRole('button', { name: 'Log out', exact: true }).click();
    await page.getByRole('button', { name: 'Yes, sign me out' }).click();
    await page.getByRole('link', { name: 'Log in with The company' }).click();
    await page.getByPlaceholder('Enter any login').waitFor();
    await page.goto(account);
    expect(await page.getByText('You are alice').count()).toBe(0);
  });

  it('heard no complaint of the browser', () => {
    expect(visit.complaints).toEqual([]);
  });
});
