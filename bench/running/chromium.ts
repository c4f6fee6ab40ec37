import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { chromiumOptions } from './chromiumOptions.js';
import { InputError } from './inputError.js';

const origin = 'http://localhost/'; // a secure context, which WebGPU asks for; nothing is fetched

/** A page of headless Chromium that has run a script; CHROMIUM_PATH names the browser, /usr/bin/chromium unless given. */
export async function openPage(script: string): Promise<{ page: Page; close: () => Promise<void> }> {
  const browser = await launched();
  const page = await browser.newPage();
  await page.route('**/*', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>bench</title>' }),
  );
  await page.goto(origin);
  await page.addScriptTag({ content: await bundled(script) });
  return { page, close: () => browser.close() };
}

/** Headless Chromium; an error says how to name it if it does not start. */
export async function launched(): Promise<Browser> {
  try {
    return await chromium.launch(chromiumOptions);
  } catch (error) {
    const [reason] = (error as Error).message.split('\n');
    throw new InputError(
      `${chromiumOptions.executablePath} does not start (${reason}); install Chromium, or say where it is: CHROMIUM_PATH=…`,
    );
  }
}

async function bundled(script: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [script],
    bundle: true,
    format: 'iife',
    write: false,
    logLevel: 'error',
  });
  return outputFiles[0]!.text;
}
