import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';

/** A file as a reader gives it to a page. */
export interface Upload {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

export interface Trained {
  /** From the button to the sentence that says what was learnt. */
  readonly seconds: number;
  /** That sentence. */
  readonly outcome: string;
  /** From the first picture to judge to the verdict on the last. */
  readonly judgingSeconds: number;
  /** As the page shows them, of the pictures to judge in their order. */
  readonly scores: readonly number[];
  readonly verdicts: readonly string[];
  readonly files: { readonly model: Buffer; readonly weights: Buffer };
}

/** What somebody does on the lab's page that finds defects: gives pictures, waits, gives others, and takes the files. */
export async function visit(
  browser: Browser,
  address: string,
  given: { readonly good: readonly Upload[]; readonly test: readonly Upload[]; readonly backend: string },
): Promise<Trained> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, acceptDownloads: true });
  try {
    await page.goto(`${address}lab/defects`, { waitUntil: 'networkidle' });
    const [goodInput, testInput] = [0, 1].map((k) => page.locator('.lab input[type="file"]').nth(k));
    await goodInput!.setInputFiles([...given.good]);
    await page.locator('.plan', { hasText: `${given.good.length} pictures` }).waitFor();
    await page.selectOption('.controls select >> nth=2', given.backend);
    const began = performance.now();
    await page.click('.lab button:text-is("Train")');
    await page.locator('.outcome, .problem').first().waitFor({ timeout: 600_000 });
    const seconds = (performance.now() - began) / 1000;
    const outcome = await page.locator('.outcome, .problem').first().textContent();

    const judging = performance.now();
    await testInput!.setInputFiles([...given.test]);
    await page.waitForFunction(
      (count) => document.querySelectorAll('.cards .verdict').length === count,
      given.test.length,
      { timeout: 600_000 },
    );
    const judgingSeconds = (performance.now() - judging) / 1000;
    const hints = await page.locator('.cards .meter + .hint').allTextContents();
    const verdicts = await page.locator('.cards .verdict').allTextContents();
    await page.click('text=Write its files');
    const [model, weights] = [await downloaded(page, 'model.json'), await downloaded(page, 'weights.bin')];
    return {
      seconds,
      outcome: outcome!.replace(/\s+/g, ' ').trim(),
      judgingSeconds,
      scores: hints.map((text) => Number(/score ([\d.]+)/.exec(text)![1])),
      verdicts,
      files: { model, weights },
    };
  } finally {
    await page.close();
  }
}

async function downloaded(page: Page, name: string): Promise<Buffer> {
  const [download] = await Promise.all([
    page.waitForEvent('download', { timeout: 300_000 }),
    page.click(`a:text-is("${name}")`, { timeout: 300_000 }),
  ]);
  return readFile(await download.path());
}
