// Tests share a process unless they change what others see: these are listed.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { alone } from '../../vitest.config.js';
import { root } from './support/source.js';

const changesTfjs =
  /from '@tensorflow\/tfjs-layers'|import '@tensorflow\/tfjs-layers'|registerWasmTraining\(|(un)?register(Kernel|Gradient)\(|vi\.(resetModules|mock|doMock)\(/;

const isAlone = (path: string): boolean =>
  alone.some((pattern) =>
    pattern.endsWith('/**') ? path.startsWith(pattern.slice(0, -2)) : path === pattern,
  );

const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  .map((path) => `test/${path}`)
  .filter((path) => path.endsWith('.test.ts') && !/^test\/(house|browser|apps)\//.test(path));

test('a file that adds to tfjs, or loads modules anew, has a process of its own', () => {
  const changing = files.filter((path) => changesTfjs.test(readFileSync(join(root, path), 'utf8')));
  expect(changing.length).toBeGreaterThan(8);
  expect(changing.filter((path) => !isAlone(path))).toEqual([]);
});

test('what is listed is there', () => {
  for (const pattern of alone) {
    expect(
      files.filter((path) => path.startsWith(pattern.replace('**', ''))),
      pattern,
    ).not.toEqual([]);
  }
});
